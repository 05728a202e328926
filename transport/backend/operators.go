package backend

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// getOperators counts what people did at the merchant's tills from one day to another, both included: a loop of
// redemptions and voids shows there, also one that goes over several lanes.
func (s *Server) getOperators(c *call) (any, error) {
	from, to, err := c.days()
	if err != nil {
		return nil, err
	}
	all, err := view(c.Context(), s, func(tx store.Tx) ([]store.OperatorTally, error) {
		return tx.Operators(c.merchant, from, to)
	})
	slices.SortFunc(all, func(a, b store.OperatorTally) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Operator, b.Operator), cmp.Compare(a.Store, b.Store),
			cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Currency, b.Currency))
	})
	if err == nil && c.wantsCSV() {
		return c.csv(operatorRows(all))
	}
	return wire.Operators{Operators: listOf(all, wireOperator)}, err
}

func operatorRows(all []store.OperatorTally) [][]string {
	rows := [][]string{{"day", "operator", "store", "lane", "currency", "redeemed", "voided", "parts", "elsewhere",
		"overrides",
		"allowed", "taken_back"}}
	for _, o := range all {
		row := []string{o.Day, o.Operator, o.Store, o.Lane, o.Currency}
		for _, n := range []int64{o.Redeemed, o.Voided, o.Parts, o.Elsewhere, o.Overrides, o.Allowed, o.TakenBack} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, row)
	}
	return rows
}

// deleteOperator erases a name from the figures; what it counted stays, without a name. The records that name the
// operator lose the name when they are no longer kept (Config.Retention).
func (s *Server) deleteOperator(c *call) (any, error) {
	name := c.PathValue("operator")
	erased, err := update(c.Context(), s, func(tx store.Tx) (int, error) { return tx.EraseOperator(c.merchant, name) })
	if err == nil && erased == 0 {
		err = fault.New(fault.NotFound, "", "no figures name the operator %.64q", name)
	}
	return wire.ErasedOperator{Rows: erased}, err
}
