package backend

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// closesAfter is how long after its end a day can be closed: longer than any booking takes that began in it.
const closesAfter = time.Hour

// A pair is two merchants between whom an agreement stands or stood.
type pair struct{ owner, partner string }

// pairsOf are those in which a merchant has a part, with the day on which the first agreement was accepted.
func pairsOf(tx store.Tx, merchant string) (map[pair]string, error) {
	agreements, err := tx.Agreements(merchant)
	pairs := map[pair]string{}
	for _, a := range agreements {
		if a.Accepted == 0 {
			continue
		}
		key, day := pair{a.Owner, a.Partner}, posting.DayOf(a.Accepted)
		if first, ok := pairs[key]; !ok || day < first {
			pairs[key] = day
		}
	}
	return pairs, err
}

// getSettlements tells what the merchant redeemed for others, and others for it.
func (s *Server) getSettlements(c *call) (any, error) {
	from, to, err := c.days()
	if err != nil {
		return nil, err
	}
	rows, err := view(c.Context(), s, func(tx store.Tx) ([]wire.Settlement, error) {
		return settlementsOf(tx, c.merchant, from, to)
	})
	if err == nil && c.wantsCSV() {
		return c.csv(settlementRows(rows))
	}
	return wire.Settlements{Settlements: rows}, err
}

func settlementsOf(tx store.Tx, merchant, from, to string) ([]wire.Settlement, error) {
	all := []wire.Settlement{}
	pairs, err := pairsOf(tx, merchant)
	if err != nil {
		return nil, err
	}
	byName := func(a, b pair) int { return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.partner, b.partner)) }
	for _, p := range slices.SortedFunc(maps.Keys(pairs), byName) {
		closed, err := tx.LastClosed(p.owner, p.partner)
		if err != nil {
			return nil, err
		}
		rows, err := tx.Settlements(p.owner, p.partner, from, to)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(rows, posting.CompareSettlements)
		all = append(all, mapSlice(rows, func(r store.Settlement) wire.Settlement { return wireSettlement(r, closed) })...)
	}
	return all, nil
}

func wireSettlement(s store.Settlement, closed string) wire.Settlement {
	return wire.Settlement{Owner: s.Owner, Partner: s.Partner, Day: s.Day, Campaign: s.Campaign, Currency: s.Currency,
		Redeemed: s.Redeemed, Voided: s.Voided, Given: s.Given, TakenBack: s.TakenBack, Closed: s.Day <= closed}
}

// settlementRows are lines for a spreadsheet.
func settlementRows(settlements []wire.Settlement) [][]string {
	rows := [][]string{{"owner", "partner", "day", "campaign", "currency", "redeemed", "voided", "given", "taken_back",
		"owed"}}
	for _, s := range settlements {
		row := []string{s.Owner, s.Partner, s.Day, s.Campaign, s.Currency}
		for _, n := range []int64{s.Redeemed, s.Voided, s.Given, s.TakenBack, s.Given - s.TakenBack} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, row)
	}
	return rows
}

// getStatement gives the signed statement of a day, which it makes where the day was not closed yet.
func (s *Server) getStatement(c *call) (any, error) {
	query := c.URL.Query()
	p, day := pair{query.Get("owner"), query.Get("partner")}, query.Get("day")
	if err := s.mayClose(day); err != nil {
		return nil, err
	}
	told, err := update(c.Context(), s, func(tx store.Tx) (wire.DayStatement, error) {
		return s.statement(tx, c.merchant, p, day)
	})
	if err == nil && c.wantsCSV() {
		c.w.Header().Set("Offlane-Key", told.Key)
		c.w.Header().Set("Offlane-Signature", textOf(told.Signature))
		return c.csvFile(told.Signed), nil
	}
	return told, err
}

func textOf(b wire.Bytes) string {
	text, _ := b.MarshalText() // never fails
	return string(text)
}

// mayClose refuses what is no day, and one that has not ended.
func (s *Server) mayClose(day string) error {
	begins, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return fault.Invalid("day: %.20q is no day: write YYYY-MM-DD", day)
	}
	if closes := begins.AddDate(0, 0, 1).Add(closesAfter); s.now().Before(closes) {
		return fault.New(fault.Conflict, "", "day: %s can be closed from %s on", day, closes.Format(time.RFC3339))
	}
	return nil
}

func (s *Server) statement(tx store.Tx, merchant string, p pair, day string) (told wire.DayStatement, err error) {
	pairs, err := pairsOf(tx, merchant)
	if err != nil {
		return told, err
	}
	switch first, ok := pairs[p]; {
	case !ok:
		return told, fault.New(fault.NotFound, "", "%q never agreed on the offers of %.64q with the partner %.64q", merchant,
			p.owner, p.partner)
	case day < first:
		return told, fault.Invalid("day: the first agreement between the two is of %s", first)
	}
	closing, err := tx.Closing(p.owner, p.partner, day) // first: what is booked from here on is of a later day
	if err != nil {
		return told, err
	}
	rows, err := tx.Settlements(p.owner, p.partner, day, day)
	if err != nil {
		return told, err
	}
	slices.SortFunc(rows, posting.CompareSettlements)
	told = wire.DayStatement{Owner: p.owner, Partner: p.partner, Day: day,
		Settlements: listOf(rows, func(r store.Settlement) wire.Settlement { return wireSettlement(r, day) })}
	if closing != nil {
		told.Signed, told.Key, told.Signature = closing.Content, closing.KeyID, closing.Signature
		return told, nil
	}
	return told, s.closeDay(tx, &told)
}

// closeDay signs a statement and keeps it.
func (s *Server) closeDay(tx store.Tx, told *wire.DayStatement) (err error) {
	if told.Signed, err = csvOf(settlementRows(append(sumsOf(told), told.Settlements...))); err != nil {
		return err
	}
	told.Sign(s.cfg.Root.KeyID, s.cfg.Root.Private)
	return tx.PutClosing(store.Closing{Owner: told.Owner, Partner: told.Partner, Day: told.Day, Content: told.Signed,
		KeyID: told.Key, Signature: told.Signature})
}

// sumsOf are a statement's sums by currency; one without lines has one that is zero.
func sumsOf(told *wire.DayStatement) (sums []wire.Settlement) {
	for _, r := range told.Settlements { // they are by currency
		if n := len(sums); n == 0 || sums[n-1].Currency != r.Currency {
			sums = append(sums, wire.Settlement{Owner: told.Owner, Partner: told.Partner, Day: told.Day, Currency: r.Currency})
		}
		sum := &sums[len(sums)-1]
		sum.Redeemed, sum.Voided = sum.Redeemed+r.Redeemed, sum.Voided+r.Voided
		sum.Given, sum.TakenBack = sum.Given+r.Given, sum.TakenBack+r.TakenBack
	}
	if len(sums) == 0 {
		sums = []wire.Settlement{{Owner: told.Owner, Partner: told.Partner, Day: told.Day}}
	}
	return sums
}
