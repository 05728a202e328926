package keystore

import (
	"bytes"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// Post adds to the rows that there are.
func (t transaction) Post(p *store.Posting) error {
	for _, row := range p.Ledger {
		key := []byte(posting.RowKey(&row))
		have, err := get[store.LedgerRow](t.kv, tableLedger, key)
		if err != nil {
			return err
		}
		if have != nil {
			posting.AddRow(&row, have)
		}
		if err := put(t.kv, tableLedger, key, row); err != nil {
			return err
		}
	}
	for _, tally := range p.Tallies {
		key := []byte(posting.TallyKey(&tally))
		have, err := get[store.Tally](t.kv, tableTallies, key)
		if err != nil {
			return err
		}
		if have != nil {
			tally = posting.AddTally(tally, *have, 1)
		}
		if err := put(t.kv, tableTallies, key, tally); err != nil {
			return err
		}
	}
	for _, row := range p.Operators {
		if err := t.addOperator(row); err != nil {
			return err
		}
	}
	for _, row := range p.Settlements {
		if err := t.addSettlement(row); err != nil {
			return err
		}
	}
	for _, row := range p.Measures {
		if err := t.addMeasure(row); err != nil {
			return err
		}
	}
	return nil
}

func (t transaction) Spent(campaign, currency, day string) (sum store.Spent, err error) {
	key := posting.RowKey(&store.LedgerRow{Campaign: campaign, Currency: currency})
	row, err := get[store.LedgerRow](t.kv, tableLedger, []byte(key))
	if err != nil {
		return store.Spent{}, err
	}
	if row != nil {
		sum.Given, sum.TakenBack = row.Given, row.TakenBack
	}
	if day == "" {
		return sum, nil
	}
	prefix := []byte(campaign + "\x00" + currency + "\x00")
	err = scan(t.kv, tableLedger, append(bytes.Clone(prefix), day+"\x00"...), func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		row, err := rowcode.Decode[store.LedgerRow](raw)
		sum.Liability += row.Liability
		return true, err
	})
	return sum, err
}

func (t transaction) Ledger(campaign string) (rows []store.LedgerRow, err error) {
	prefix := append([]byte(campaign), 0)
	err = scan(t.kv, tableLedger, prefix, func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		row, err := rowcode.Decode[store.LedgerRow](raw)
		rows = append(rows, row)
		return true, err
	})
	return rows, err
}

func (t transaction) Tallies(campaigns []string, from, to string) (tallies []store.Tally, err error) {
	for _, campaign := range campaigns {
		prefix := append([]byte(campaign), 0)
		err := scan(t.kv, tableTallies, append(bytes.Clone(prefix), from...), func(key, raw []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			row, err := rowcode.Decode[store.Tally](raw)
			if err != nil || to != "" && row.Day > to {
				return false, err
			}
			if !posting.IsNothing(row) {
				tallies = append(tallies, row)
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return tallies, nil
}
