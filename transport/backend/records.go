package backend

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// maxRecords is how many records one answer has, and maxLooked how many are looked at for it: a filter that fits few
// has an answer in parts.
const maxRecords, maxLooked = 100, 2000

// A recordQuery says which records are asked for: those of a receipt, of an offer, of a terminal or of a day. The other
// fields filter.
type recordQuery struct {
	receipt          record.Receipt
	offer            *offer.Presented
	terminal         record.TerminalID
	day              string
	shop, lane       string
	campaign, status string
	after            recordMark
}

// A recordMark is where a list goes on.
type recordMark struct {
	Day    store.DayMark `json:"day,omitzero"`
	Number uint64        `json:"number,omitempty"` // of a terminal's verdict
}

func (c *call) recordQuery() (q recordQuery, err error) {
	query := c.URL.Query()
	q = recordQuery{day: query.Get("day"), shop: query.Get("store"), lane: query.Get("lane"),
		campaign: query.Get("campaign"), status: query.Get("status")}
	if err := checkDay("day", q.day); err != nil {
		return q, err
	}
	if text := query.Get("receipt"); text != "" {
		if q.receipt, err = record.ParseReceipt(text); err != nil {
			return q, fault.Invalid("receipt: %.20q is no receipt code", text)
		}
	}
	if text := query.Get("terminal"); text != "" && q.terminal.UnmarshalText([]byte(text)) != nil {
		return q, fault.Invalid("terminal: %.64q is no id of a terminal", text)
	}
	if text := query.Get("offer"); text != "" {
		presented, err := offer.Reader{Separated: true}.Parse(text)
		if err != nil || !presented.Identifies() {
			return q, fault.Invalid("offer: it is no code, pass or number of one offer")
		}
		q.offer = &presented
	}
	if text := query.Get("after"); text != "" {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || json.Unmarshal(raw, &q.after) != nil {
			return q, fault.Invalid("after: %.64q is not what an answer had in next", text)
		}
	}
	return q, q.check(query)
}

// check asks for one way to find records.
func (q *recordQuery) check(query url.Values) error {
	ways := 0
	for _, name := range []string{"receipt", "offer", "terminal", "day"} {
		if query.Get(name) != "" {
			ways++
		}
	}
	if q.day != "" && !q.terminal.IsZero() {
		ways-- // the terminal filters the day
	}
	if ways != 1 {
		return fault.Invalid("day: records are found by a receipt, an offer, a terminal or a day, of which one is named; " +
			"a day may have a terminal")
	}
	return nil
}

// getRecords lists records as they were booked, with their verdicts.
func (s *Server) getRecords(c *call) (any, error) {
	q, err := c.recordQuery()
	if err != nil {
		return nil, err
	}
	answer, err := view(c.Context(), s, func(tx store.Tx) (wire.Records, error) {
		entries, next, err := q.find(tx, c.merchant)
		told := wire.Records{Records: listOf(entries, wireRecord)}
		if err == nil && next != nil {
			var raw []byte
			raw, err = json.Marshal(next)
			told.Next = base64.RawURLEncoding.EncodeToString(raw)
		}
		return told, err
	})
	if err != nil {
		return nil, err
	}
	if c.wantsCSV() {
		c.w.Header().Set("Offlane-Next", answer.Next)
		return c.csv(recordRows(answer.Records))
	}
	return answer, nil
}

// find returns what a merchant may see of what is asked for, and where the list goes on; nil: nowhere.
func (q *recordQuery) find(tx store.Tx, merchant string) ([]store.Entry, *recordMark, error) {
	switch {
	case q.receipt != "":
		entries, err := tx.Redemptions(merchant, []record.Receipt{q.receipt})
		return q.filter(entries), nil, err
	case q.offer != nil:
		entries, err := q.listOffer(tx, merchant)
		return q.filter(entries), nil, err
	case q.day != "":
		return q.readParts(func(mark recordMark, most int) ([]store.Entry, *recordMark, error) {
			return q.listDay(tx, merchant, mark, most)
		})
	}
	t, err := tx.Terminal(q.terminal)
	if err == nil && (t == nil || t.Place.Merchant != merchant) {
		err = fault.New(fault.NotFound, "", "this merchant has no such terminal")
	}
	if err != nil {
		return nil, nil, err
	}
	return q.readParts(func(mark recordMark, most int) ([]store.Entry, *recordMark, error) {
		return q.listTerminal(tx, mark, most)
	})
}

// readParts reads parts until an answer is full, or enough was looked at.
func (q *recordQuery) readParts(read func(recordMark, int) ([]store.Entry, *recordMark, error)) (
	all []store.Entry, next *recordMark, err error,
) {
	mark := q.after
	for looked := 0; looked < maxLooked; looked += maxRecords {
		part, last, err := read(mark, maxRecords-len(all))
		if err != nil || last == nil {
			return append(all, q.filter(part)...), nil, err
		}
		mark = *last
		if all = append(all, q.filter(part)...); len(all) == maxRecords {
			break
		}
	}
	return all, &mark, nil
}

func (q *recordQuery) listDay(tx store.Tx, merchant string, mark recordMark, most int) ([]store.Entry, *recordMark,
	error) {
	entries, err := tx.DayEntries(merchant, q.day, mark.Day, most)
	if err != nil || len(entries) < most {
		return entries, nil, err
	}
	return entries, &recordMark{Day: store.MarkOf(&entries[most-1])}, nil
}

// listTerminal lists a terminal's records in the order in which they got their verdicts.
func (q *recordQuery) listTerminal(tx store.Tx, mark recordMark, most int) ([]store.Entry, *recordMark, error) {
	verdicts, err := tx.Verdicts(q.terminal, mark.Number, most)
	if err != nil || len(verdicts) == 0 {
		return nil, nil, err
	}
	entries, err := entriesInOrder(tx, mapSlice(verdicts, func(v record.Verdict) record.ID { return v.Record }))
	if err != nil || len(verdicts) < most {
		return entries, nil, err
	}
	return entries, &recordMark{Number: verdicts[most-1].Number}, nil
}

// listOffer lists the redemptions that take a use of an offer: those that the merchant's tills made, and of its own
// offers all.
func (q *recordQuery) listOffer(tx store.Tx, merchant string) ([]store.Entry, error) {
	offers, err := tx.Offers([]offer.ID{q.offer.ID}, []string{q.offer.Alias})
	if err == nil && len(offers) == 0 {
		err = fault.New(fault.NotFound, "", "this backend has no such offer")
	}
	if err != nil {
		return nil, err
	}
	c, err := campaignOf(tx, offers[0].Campaign)
	if err != nil {
		return nil, err
	}
	var ids []record.ID
	for _, u := range offers[0].Uses {
		if c.Merchant == merchant || u.Place.Merchant == merchant {
			ids = append(ids, u.Record)
		}
	}
	return entriesInOrder(tx, ids)
}

// entriesInOrder are entries in the order of these ids.
func entriesInOrder(tx store.Tx, ids []record.ID) (inOrder []store.Entry, err error) {
	entries, err := tx.Entries(ids)
	by := make(map[record.ID]store.Entry, len(entries))
	for _, e := range entries {
		by[e.ID] = e
	}
	for _, id := range ids {
		if e, ok := by[id]; ok {
			inOrder = append(inOrder, e)
		}
	}
	return inOrder, err
}

// filter keeps what fits. A row that is not as it was written fits nothing that can be asked for.
func (q *recordQuery) filter(entries []store.Entry) (kept []store.Entry) {
	for _, e := range entries {
		fits := e.Err == nil && (q.shop == "" || q.shop == e.Place.Store) && (q.lane == "" || q.lane == e.Place.Lane) &&
			(q.campaign == "" || q.campaign == e.Campaign) && (q.status == "" || q.status == string(e.Verdict.Status)) &&
			(q.terminal.IsZero() || q.terminal == e.Terminal)
		if fits {
			kept = append(kept, e)
		}
	}
	return kept
}

func wireRecord(e store.Entry) wire.BookedRecord {
	told := wire.BookedRecord{Record: e.ID, Terminal: e.Terminal, Place: e.Place, Kind: e.Kind.String(),
		Campaign: e.Campaign, Day: e.Day, Earliest: e.Earliest, Latest: e.Latest, Given: e.Given, TakenBack: e.TakenBack,
		Voided: e.Voided, Status: e.Verdict.Status, Reason: e.Verdict.Reason, Detail: e.Verdict.Detail,
		Judged: e.Verdict.Judged}
	if e.Kind == record.Redemption {
		told.Receipt = e.ID.Receipt()
	}
	return told
}

func recordRows(records []wire.BookedRecord) [][]string {
	rows := [][]string{{"record", "receipt", "kind", "terminal", "store", "lane", "campaign", "day", "earliest", "latest",
		"currency", "given", "taken_back", "voided", "status", "reason", "detail"}}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, r := range records {
		voided := ""
		if !r.Voided.IsZero() {
			voided = r.Voided.String()
		}
		rows = append(rows, []string{r.Record.String(), string(r.Receipt), r.Kind, r.Terminal.String(), r.Place.Store,
			r.Place.Lane, r.Campaign, r.Day, number(r.Earliest), number(r.Latest), r.Given.Currency, number(r.Given.Amount),
			number(r.TakenBack), voided, string(r.Status), string(r.Reason), r.Detail})
	}
	return rows
}
