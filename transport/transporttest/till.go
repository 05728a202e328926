package transporttest

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A till is a terminal in a play: it writes records and reports them as it is told, rightly or wrongly.
type till struct {
	*suite
	named  string // its lane; empty: one of its own
	id     record.TerminalID
	chain  record.ChainID
	key    ed25519.PrivateKey
	told   record.Enrolled
	number uint64
	prev   record.Hash
	after  uint64
	lost   []record.Range
}

// till makes a terminal and enrols it.
func (s *suite) till(ctx context.Context) (*till, error) {
	t := &till{suite: s}
	if err := t.invent(); err != nil {
		return nil, err
	}
	e, err := t.enrolment(ctx, s.Code)
	if err != nil {
		return nil, err
	}
	t.told, err = t.enrol(ctx, e)
	return t, err
}

// invent gives the terminal its names and its key.
func (t *till) invent() (err error) {
	t.id, t.chain = record.NewTerminalID(), record.NewChainID()
	_, t.key, err = ed25519.GenerateKey(rand.Reader)
	return err
}

func (t *till) enrolment(ctx context.Context, code string) (record.Enrolment, error) {
	return t.prove(ctx, record.Enrolment{Code: code})
}

// lane is a name of its own: a second terminal in a lane asks about offers.
func (t *till) lane() string { return cmp.Or(t.named, "lane of "+t.id.String()[:8]) }

// prove signs an enrolment with a fresh challenge.
func (t *till) prove(ctx context.Context, e record.Enrolment) (record.Enrolment, error) {
	body, err := good[wire.Challenge](t.call(ctx, http.MethodPost, wire.PathChallenges, "", nil, nil))
	if err != nil {
		return record.Enrolment{}, fmt.Errorf("asking for a challenge: %w", err)
	}
	e.Terminal, e.Lane, e.Challenge, e.Last = t.id, t.lane(), body.Challenge, t.number
	return e.Prove(t.key)
}

func (t *till) enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error) {
	body, err := good[wire.Enrolled](t.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e)))
	if err != nil {
		return record.Enrolled{}, fmt.Errorf("enrolling: %w", err)
	}
	return body.Record()
}

// redeem writes the record of a redemption.
func (t *till) redeem(p offer.Presented) (record.Record, []byte, error) {
	return t.write(redemptionOf(p))
}

func redemptionOf(p offer.Presented) record.Record {
	rec := record.Record{Kind: record.Redemption, Offer: p.ID, Alias: p.Alias, Proven: p.Pass != nil,
		Given: record.Money{Amount: 100, Currency: "EUR"}}
	if p.Pass != nil {
		rec.Campaign = p.Pass.Campaign
	}
	return rec
}

// void writes the record that takes a redemption back.
func (t *till) void(of record.Record) (record.Record, []byte, error) {
	return t.write(record.Record{Kind: record.Void, Of: of.ID, Offer: of.Offer, Alias: of.Alias, Campaign: of.Campaign,
		Given: of.Given})
}

// part writes the record that takes back a part of what a redemption gave.
func (t *till) part(of record.Record, amount int64) ([]byte, error) {
	_, raw, err := t.write(record.Record{Kind: record.Void, Of: of.ID, Offer: of.Offer, Alias: of.Alias,
		Campaign: of.Campaign, Partial: true,
		Given: record.Money{Amount: amount, Currency: of.Given.Currency}, GivenBy: record.GivenByPOS})
	return raw, err
}

// write puts a record at the end of the chain.
func (t *till) write(rec record.Record) (record.Record, []byte, error) {
	now := time.Now().UnixMilli()
	rec.Version, rec.ID, rec.Terminal, rec.Chain = record.Version, record.NewID(), t.id, t.chain
	rec.Number, rec.Prev, rec.Place = t.number+1, t.prev, t.told.Place
	rec.Sale.Key = rec.ID.String()
	if rec.Time == (record.Evidence{}) {
		rec.Time = record.Evidence{Wall: now, SinceBoot: 60_000, Boot: "conformance", Earliest: now - 1000, Latest: now +
			1000,
			Trusted: true}
	}
	raw, err := rec.Encode()
	if err == nil {
		t.number, t.prev = rec.Number, record.HashOf(raw)
	}
	return rec, raw, err
}

// seal signs a report of these records, in their own order.
func (t *till) seal(raws ...[]byte) (record.Report, error) {
	now := time.Now().UnixMilli()
	return record.Seal(record.Heading{
		Terminal: t.id, Chain: t.chain, After: t.after, Lost: t.lost, Sent: record.Evidence{Wall: now, Earliest: now - 1000,
			Latest: now + 1000},
	}, raws, t.key)
}

// report sends records and returns the answer.
func (t *till) report(ctx context.Context, raws ...[]byte) (record.Answer, error) {
	r, err := t.seal(raws...)
	if err != nil {
		return record.Answer{}, err
	}
	return t.send(ctx, r)
}

func (t *till) send(ctx context.Context, r record.Report) (record.Answer, error) {
	body, err := good[wire.Answer](t.post(ctx, wire.PathReports, t.told.Token, wire.FromReport(r)))
	if err != nil {
		return record.Answer{}, fmt.Errorf("reporting: %w", err)
	}
	return body.Record()
}

// verdicts asks for the verdicts after a number.
func (t *till) verdicts(ctx context.Context, after uint64) (record.Answer, error) {
	path := fmt.Sprintf("%s?%s=%d", wire.PathVerdicts, wire.AfterParameter, after)
	body, err := good[wire.Answer](t.call(ctx, http.MethodGet, path, t.told.Token, nil, nil))
	if err != nil {
		return record.Answer{}, fmt.Errorf("asking for verdicts: %w", err)
	}
	return body.Record()
}

// verdictOn returns the one verdict on a record.
func verdictOn(a record.Answer, raw []byte) (record.Verdict, error) {
	var found []record.Verdict
	for _, v := range a.Items {
		if v.Hash == record.HashOf(raw) {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		return record.Verdict{}, breach("%d items answer record %s, not 1", len(found), record.IDOf(raw))
	}
	if found[0].Record != record.IDOf(raw) {
		return record.Verdict{}, breach("the item with the hash of record %s names %s", record.IDOf(raw), found[0].Record)
	}
	return found[0], nil
}

// wants returns nil if the record was judged so.
func wants(a record.Answer, raw []byte, status record.Status) error {
	v, err := verdictOn(a, raw)
	if err == nil && v.Status != status {
		err = breach("the record is %s (%s: %s), not %s", v.Status, v.Reason, v.Detail, status)
	}
	return err
}

// verdict reports one record and returns the verdict.
func (t *till) verdict(ctx context.Context, raw []byte) (record.Verdict, error) {
	answer, err := t.report(ctx, raw)
	if err != nil {
		return record.Verdict{}, err
	}
	return verdictOn(answer, raw)
}

// reportRecord reports one record and wants the verdict.
func (t *till) reportRecord(ctx context.Context, raw []byte, want record.Status) error {
	answer, err := t.report(ctx, raw)
	if err != nil {
		return err
	}
	return wants(answer, raw, want)
}

// bookOffer redeems an offer, reports it, and wants the verdict.
func (t *till) bookOffer(ctx context.Context, p offer.Presented, want record.Status) (record.Record, []byte, error) {
	rec, raw, err := t.redeem(p)
	if err != nil {
		return rec, raw, err
	}
	return rec, raw, t.reportRecord(ctx, raw, want)
}
