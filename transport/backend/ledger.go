package backend

import (
	"encoding/base64"
	"encoding/json"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// getLedger answers with what each of the merchant's campaigns comes to, by currency.
func (s *Server) getLedger(c *call) (any, error) {
	today := posting.DayOf(s.now().UnixMilli())
	return view(c.Context(), s, func(tx store.Tx) (wire.Ledger, error) {
		answer := wire.Ledger{Ledger: []wire.LedgerLine{}}
		campaigns, err := campaignsOf(tx, c.merchant)
		if err != nil {
			return answer, err
		}
		for i := range campaigns {
			lines, err := ledgerOf(tx, &campaigns[i], today)
			if err != nil {
				return answer, err
			}
			answer.Ledger = append(answer.Ledger, lines...)
		}
		return answer, nil
	})
}

func ledgerOf(tx store.Tx, c *store.Campaign, today string) ([]wire.LedgerLine, error) {
	kept, err := tx.Ledger(c.ID)
	_, bounded := c.Terms.Most()
	lines := mapSlice(posting.SumLedger(c.ID, today, kept), func(l posting.LedgerLine) wire.LedgerLine {
		return wireLine(c, l, bounded)
	})
	return lines, err
}

// maxFlags is how many flags one answer has.
const maxFlags = 500

// getFlags answers with what a person should look at, from the flag on that the parameter after names.
func (s *Server) getFlags(c *call) (any, error) {
	var after store.Flag
	if text := c.URL.Query().Get("after"); text != "" {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || json.Unmarshal(raw, &after) != nil {
			return nil, fault.Invalid("after: %.64q is not what an answer had in next", text)
		}
	}
	flags, err := view(c.Context(), s, func(tx store.Tx) ([]store.Flag, error) {
		return tx.Flags(c.merchant, after, maxFlags)
	})
	answer := wire.Flags{Flags: []wire.Flag{}}
	for _, f := range flags {
		answer.Flags = append(answer.Flags, wire.Flag{Kind: string(f.Kind), Record: f.Record, Terminal: f.Terminal, At: f.At,
			Detail: f.Detail})
	}
	if err == nil && len(flags) == maxFlags {
		last := flags[maxFlags-1]
		var raw []byte
		raw, err = json.Marshal(store.Flag{Kind: last.Kind, Record: last.Record, Terminal: last.Terminal, At: last.At})
		answer.Next = base64.RawURLEncoding.EncodeToString(raw)
	}
	return answer, err
}
