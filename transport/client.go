package transport

import (
	"compress/gzip"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A Client carries reports to one backend. It may be used by several goroutines at once and by several terminals: the
// token comes with each call. It is a redeem.Reporter.
//
// Every error is a *fault.Error, alone or under a fault.WithRetryAfter: fault.Unreachable, fault.Unavailable,
// fault.TooManyRequests and fault.NotTheContract (a captive portal, say) pass by themselves; fault.TLS,
// fault.Unauthorized, fault.Forbidden and fault.Blocked (with the backend's word on it, see record.NoticeOf) need
// somebody to act; any other code is the backend's own problem. An error of ctx lies underneath fault.Unreachable.
type Client struct {
	cfg   Config
	base  *url.URL
	http  *retryablehttp.Client
	log   *slog.Logger
	plain atomic.Bool // the backend does not take compressed requests

	packer chan *gzip.Writer // one that waits to be used again
}

// New makes a client. It sends nothing. Errors: fault.InvalidRequest, fault.TLS for an address that is neither https
// nor loopback.
func New(cfg Config) (*Client, error) {
	base, err := cfg.base()
	if err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	return &Client{cfg: cfg, base: base, http: retryClient(cfg), log: cfg.Logger, packer: make(chan *gzip.Writer, 1)}, nil
}

// Close gives idle connections back. The client may still be used afterwards.
func (c *Client) Close() error {
	c.http.HTTPClient.CloseIdleConnections()
	return nil
}

// Challenge asks for what the next enrolment signs.
func (c *Client) Challenge(ctx context.Context) (string, error) {
	const op = "transport.Challenge"
	reply, err := c.exchange(ctx, op, http.MethodPost, wire.PathChallenges, "", nil, nil, nil)
	if err != nil {
		return "", err
	}
	return understand(op, reply, wire.Challenge.Record)
}

// Enrol makes a terminal known, or fetches a fresh token for one that is known by its key. With fault.StaleChallenge it
// is done again with another challenge, and nothing was changed by this call: an attempt before it whose answer was
// lost may have been taken.
func (c *Client) Enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error) {
	const op = "transport.Enrol"
	reply, err := c.post(ctx, op, wire.PathTerminals, "", wire.FromEnrolment(e))
	if err != nil {
		return record.Enrolled{}, err
	}
	return understand[wire.Enrolled](op, reply, wire.Enrolled.Record)
}

// Report sends a report. Only verdicts that name a record of the report by id and hash are returned as Items, and only
// records of the report as Wanted; an answer that has none of either for a report with records is fault.NotTheContract.
func (c *Client) Report(ctx context.Context, token string, r record.Report) (record.Answer, error) {
	const op = "transport.Report"
	reply, err := c.post(ctx, op, wire.PathReports, token, wire.FromReport(r))
	if err != nil {
		return record.Answer{}, err
	}
	answer, err := understand[wire.Answer](op, reply, wire.Answer.Record)
	if err != nil {
		return record.Answer{}, err
	}
	got := len(answer.Items)
	answer.Items = ours(answer.Items, r.Records)
	if len(answer.Items) != got {
		c.log.WarnContext(ctx, "verdicts on records that were not sent are passed over", "verdicts", got-len(answer.Items))
	}
	answer.Wanted = sentIDs(answer.Wanted, r.Records)
	if len(r.Records) > 0 && len(answer.Items)+len(answer.Wanted) == 0 {
		return record.Answer{}, fault.New(fault.NotTheContract, op, "the backend answered none of %d records", len(r.Records))
	}
	return answer, nil
}

// ours keeps the first verdict on each record that was sent.
func ours(verdicts []record.Verdict, sent [][]byte) []record.Verdict {
	open := make(map[record.Hash]record.ID, len(sent))
	for _, raw := range sent {
		open[record.HashOf(raw)] = record.IDOf(raw)
	}
	var kept []record.Verdict
	for _, v := range verdicts {
		if id, ok := open[v.Hash]; ok && id == v.Record {
			kept = append(kept, v)
			delete(open, v.Hash)
		}
	}
	return kept
}

// sentIDs keeps the ids of records that were sent, each once.
func sentIDs(ids []record.ID, sent [][]byte) []record.ID {
	if len(ids) == 0 {
		return nil
	}
	open := make(map[record.ID]bool, len(sent))
	for _, raw := range sent {
		open[record.IDOf(raw)] = true
	}
	return slices.DeleteFunc(ids, func(id record.ID) bool {
		was := open[id]
		delete(open, id)
		return !was
	})
}

// Verdicts asks for the terminal's verdicts after the one numbered after.
func (c *Client) Verdicts(ctx context.Context, token string, after uint64) (record.Answer, error) {
	const op = "transport.Verdicts"
	query := url.Values{wire.AfterParameter: {strconv.FormatUint(after, 10)}}
	reply, err := c.get(ctx, op, wire.PathVerdicts, token, query, nil)
	if err != nil {
		return record.Answer{}, err
	}
	answer, err := understand[wire.Answer](op, reply, wire.Answer.Record)
	if err == nil && len(answer.Items) > 0 {
		return record.Answer{}, fault.New(fault.NotTheContract, op, "the answer has items, but nothing was reported")
	}
	return answer, err
}

// Bundle fetches the trust bundle as it was signed; nil where the backend has none newer than version have.
func (c *Client) Bundle(ctx context.Context, token string, have uint64) ([]byte, error) {
	const op = "transport.Bundle"
	header := http.Header{}
	if have > 0 {
		header.Set("If-None-Match", `"`+strconv.FormatUint(have, 10)+`"`)
	}
	reply, err := c.get(ctx, op, wire.PathBundle, token, nil, header)
	switch {
	case fault.CodeOf(err) == fault.NotFound: // it has none at all
		return nil, nil
	case err != nil:
		return nil, err
	case reply.status == http.StatusNotModified:
		return nil, nil
	}
	return reply.bytes(op, wire.BundleType, wire.MaxBundle)
}

// Health asks whether the backend works and what it can do. Where it lacks something that a terminal needs the error is
// fault.UnsupportedVersion and names it; the answer is returned all the same.
func (c *Client) Health(ctx context.Context) (wire.Health, error) {
	const op = "transport.Health"
	reply, err := c.get(ctx, op, wire.PathHealth, "", nil, nil)
	if err != nil {
		return wire.Health{}, err
	}
	health, err := understand(op, reply, func(h wire.Health) (wire.Health, error) { return h, nil })
	if err != nil {
		return wire.Health{}, err
	}
	if lacks := health.Lacks(wire.Needed()...); len(lacks) > 0 {
		return health, fault.New(fault.UnsupportedVersion, op,
			"the backend at %s cannot do %v, which a terminal needs: update it", c.base.Host, lacks)
	}
	return health, nil
}
