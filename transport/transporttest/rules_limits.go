package transporttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

var limitRules = []Rule{
	{"body-limits", "A body that is longer than the contract says is refused as too large, and a compressed one that is " +
		"no report with 415.", checkBodies},
	{"gzip-bomb", "A report that becomes longer than 16 MiB is refused, and the backend goes on.", checkBomb},
}

func checkBodies(ctx context.Context, s *suite) error {
	t := &till{suite: s}
	if err := t.invent(); err != nil {
		return err
	}
	e, err := t.enrolment(ctx, "no-such-code")
	if err != nil {
		return err
	}
	raw, err := json.Marshal(wire.FromEnrolment(e))
	if err != nil {
		return err
	}
	const longest = 64 << 10 // longer than each of these may be
	long := append([]byte(`{"padding":"`+strings.Repeat("x", longest)+`",`), raw[1:]...)
	header := http.Header{"Content-Type": {wire.RequestType}}
	resp, err := s.call(ctx, http.MethodPost, wire.PathTerminals, "", header, long)
	if err := wantClientError(resp, err, fault.TooLarge); err != nil {
		return breach("an enrolment of %d bytes: %w", len(long), err)
	}
	packed, err := zip(raw)
	if err != nil {
		return err
	}
	header.Set("Content-Encoding", "gzip")
	resp, err = s.call(ctx, http.MethodPost, wire.PathTerminals, "", header, packed)
	if err == nil && resp.status != http.StatusUnsupportedMediaType {
		err = breach("a compressed enrolment has status %d, not 415", resp.status)
	}
	return err
}

func checkBomb(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	packed, err := zip(bytes.Repeat([]byte(" "), wire.MaxBody+1<<20))
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {wire.RequestType}, "Content-Encoding": {"gzip"}}
	for range 8 {
		resp, err := s.call(ctx, http.MethodPost, wire.PathReports, t.told.Token, header, packed)
		if err := wantClientError(resp, err); err != nil {
			return breach("%d bytes that become %d: %w", len(packed), wire.MaxBody+1<<20, err)
		}
	}
	return t.sell(ctx)
}

// zip compresses a body.
func zip(raw []byte) ([]byte, error) {
	var body bytes.Buffer
	pack := gzip.NewWriter(&body)
	if _, err := pack.Write(raw); err != nil {
		return nil, err
	}
	err := pack.Close()
	return body.Bytes(), err
}
