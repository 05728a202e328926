package transporttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

var reportRules = []Rule{
	{"each-record-answered", "Every record is answered by id and hash, once.", checkEachAnswered},
	{"sending-twice", "The same report sent again changes nothing and brings the same verdicts.", checkTwice},
	{"forged-report", "A report that its terminal did not sign is refused as a whole.", checkForged},
	{"poison", "A record that cannot be read is quarantined and holds up no other.", checkPoison},
	{"cursor", "Verdicts are numbered without gaps, and after a cursor come those that follow it.", checkCursor},
	{"signed-clock", "Every answer has the clock, signed by a key of the enrolment, and it does not go back.", checkClock},
	{"gzip", "A backend that says so takes compressed reports; another answers 415.", checkGzip},
	{"unknown-fields", "Fields that the backend does not know are passed over.", checkUnknownFields},
	{"limits", "A report of too many records or bytes is refused with a problem.", checkLimits},
}

// several redeems n offers.
func (t *till) several(ctx context.Context, n int) ([][]byte, error) {
	var raws [][]byte
	for range n {
		p, err := t.offer(ctx)
		if err != nil {
			return nil, err
		}
		_, raw, err := t.redeem(p)
		if err != nil {
			return nil, err
		}
		raws = append(raws, raw)
	}
	return raws, nil
}

// tillWith makes a terminal that has redeemed n offers and reported nothing.
func (s *suite) tillWith(ctx context.Context, n int) (*till, [][]byte, error) {
	t, err := s.till(ctx)
	if err != nil {
		return nil, nil, err
	}
	raws, err := t.several(ctx, n)
	return t, raws, err
}

func allConfirmed(a record.Answer, raws [][]byte) error {
	for _, raw := range raws {
		if err := wants(a, raw, record.Confirmed); err != nil {
			return err
		}
	}
	return nil
}

func checkEachAnswered(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 3)
	if err != nil {
		return err
	}
	answer, err := t.report(ctx, raws...)
	if err != nil {
		return err
	}
	if len(answer.Items) != len(raws) {
		return breach("%d items for %d records", len(answer.Items), len(raws))
	}
	return allConfirmed(answer, raws)
}

func checkTwice(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 2)
	if err != nil {
		return err
	}
	first, err := t.report(ctx, raws...)
	if err != nil {
		return err
	}
	second, err := t.report(ctx, raws...)
	if err != nil {
		return err
	}
	for _, raw := range raws {
		before, err := verdictOn(first, raw)
		if err != nil {
			return err
		}
		after, err := verdictOn(second, raw)
		if err != nil {
			return err
		}
		if before.Number != after.Number || before.Status != after.Status || before.Judged != after.Judged {
			return breach("the verdict was %s number %d of %d, and then %s number %d of %d",
				before.Status, before.Number, before.Judged, after.Status, after.Number, after.Judged)
		}
	}
	return nil
}

func checkForged(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 2)
	if err != nil {
		return err
	}
	for what, spoil := range map[string]func(*record.Report){
		"signature": func(r *record.Report) { r.Signature[0] ^= 1 },
		"record":    func(r *record.Report) { r.Records = [][]byte{r.Records[0], r.Records[0]} },
		"heading":   func(r *record.Report) { r.Heading[len(r.Heading)-1] ^= 1 },
	} {
		r, err := t.seal(raws...)
		if err != nil {
			return err
		}
		spoil(&r)
		resp, err := s.post(ctx, wire.PathReports, t.told.Token, wire.FromReport(r))
		if err := wantClientError(resp, err); err != nil {
			return breach("with another %s: %w", what, err)
		}
	}
	answer, err := t.report(ctx, raws...)
	if err != nil {
		return err
	}
	return allConfirmed(answer, raws) // nothing was booked before
}

func checkPoison(ctx context.Context, s *suite) error {
	for what, version := range map[string]int{"a record of a newer version": 99, "no record at all": 0} {
		t, raws, err := s.tillWith(ctx, 1)
		if err != nil {
			return err
		}
		poison := []byte("no record at all")
		if version > 0 {
			if poison, err = cbor.Marshal(map[int]any{1: version, 3: record.NewID(), 99: "of the future"}); err != nil {
				return err
			}
		}
		t.number, t.prev = t.number+1, record.HashOf(poison)
		more, err := t.several(ctx, 1)
		if err != nil {
			return err
		}
		answer, err := t.report(ctx, raws[0], poison, more[0])
		if err != nil {
			return breach("%s: %w", what, err)
		}
		if err := wants(answer, poison, record.Quarantined); err != nil {
			return breach("%s: %w", what, err)
		}
		if err := allConfirmed(answer, [][]byte{raws[0], more[0]}); err != nil {
			return breach("beside %s: %w", what, err)
		}
	}
	return nil
}

func checkCursor(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 4)
	if err != nil {
		return err
	}
	if _, err := t.report(ctx, raws[:2]...); err != nil {
		return err
	}
	if _, err := t.report(ctx, raws[2:]...); err != nil {
		return err
	}
	for after := range uint64(5) {
		answer, err := t.verdicts(ctx, after)
		if err != nil {
			return err
		}
		var numbers []uint64
		for _, v := range answer.Later {
			numbers = append(numbers, v.Number)
		}
		want := []uint64{1, 2, 3, 4}[after:]
		if !slices.Equal(numbers, want) || answer.Cursor != 4 || answer.More {
			return breach("after %d come verdicts %v with cursor %d, more %t; not %v with 4, false", after, numbers,
				answer.Cursor, answer.More, want)
		}
	}
	return nil
}

func (t *till) roots() (offer.Keys, error) {
	keys, err := offer.NewKeys(t.told.Roots...)
	if err != nil {
		return keys, breach("the roots: %w", err)
	}
	return keys, nil
}

func checkClock(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 1)
	if err != nil {
		return err
	}
	first, err := t.report(ctx, raws...)
	if err != nil {
		return err
	}
	second, err := t.verdicts(ctx, 0)
	if err != nil {
		return err
	}
	for _, at := range []record.ServerTime{first.Time, second.Time} {
		if err := t.checkTime(at); err != nil {
			return err
		}
		if off := time.Since(time.UnixMilli(at.Millis)).Abs(); off > time.Hour {
			return breach("the clock is %s off", off)
		}
	}
	if second.Time.Millis < first.Time.Millis {
		return breach("the clock went from %d to %d", first.Time.Millis, second.Time.Millis)
	}
	return nil
}

// checkTime wants the clock to be signed by a key of the enrolment.
func (t *till) checkTime(at record.ServerTime) error {
	by := func(k offer.Key) bool { return k.ID == at.KeyID && at.Verify(k.Public) == nil }
	if !slices.ContainsFunc(t.told.Roots, by) {
		return breach("the clock is not signed by a key of the enrolment")
	}
	return nil
}

func checkGzip(ctx context.Context, s *suite) error {
	health, err := good[wire.Health](s.call(ctx, http.MethodGet, wire.PathHealth, "", nil, nil))
	if err != nil {
		return err
	}
	t, raws, err := s.tillWith(ctx, 1)
	if err != nil {
		return err
	}
	r, err := t.seal(raws...)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	pack := gzip.NewWriter(&body)
	if err := wire.Write(pack, wire.FromReport(r)); err != nil {
		return err
	}
	pack.Close() // a bytes.Buffer takes everything
	header := http.Header{"Content-Type": {wire.RequestType}, "Content-Encoding": {"gzip"}}
	resp, err := s.call(ctx, http.MethodPost, wire.PathReports, t.told.Token, header, body.Bytes())
	if err == nil && len(health.Lacks(wire.CanGzip)) > 0 {
		if resp.status != http.StatusUnsupportedMediaType {
			return breach("status %d for a compressed body, not 415", resp.status)
		}
		return nil
	}
	answer, err := good[wire.Answer](resp, err)
	if err != nil {
		return err
	}
	got, err := answer.Record()
	if err != nil {
		return err
	}
	return allConfirmed(got, raws)
}

func checkUnknownFields(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 1)
	if err != nil {
		return err
	}
	r, err := t.seal(raws...)
	if err != nil {
		return err
	}
	body := struct {
		wire.Report
		Colour string `json:"colour"`
	}{wire.FromReport(r), "red"}
	answer, err := good[wire.Answer](t.post(ctx, wire.PathReports, t.told.Token, body))
	if err != nil {
		return err
	}
	got, err := answer.Record()
	if err != nil {
		return err
	}
	return allConfirmed(got, raws)
}

func checkLimits(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 1)
	if err != nil {
		return err
	}
	r, err := t.seal(raws...)
	if err != nil {
		return err
	}
	r.Records = slices.Repeat(raws, record.MaxReport+1)
	resp, err := s.post(ctx, wire.PathReports, t.told.Token, wire.FromReport(r))
	if err := wantClientError(resp, err); err != nil {
		return breach("%d records: %w", len(r.Records), err)
	}
	header := http.Header{"Content-Type": {wire.RequestType}, "Content-Encoding": {"gzip"}}
	resp, err = s.call(ctx, http.MethodPost, wire.PathReports, t.told.Token, header, bomb())
	if err == nil && resp.status == http.StatusUnsupportedMediaType {
		return nil
	}
	return wantClientError(resp, err, fault.TooLarge, fault.Malformed)
}

// bomb is a small body that unpacks to more than the contract allows.
func bomb() []byte {
	var body bytes.Buffer
	pack := gzip.NewWriter(&body)
	pack.Write([]byte(`{"records":[`)) // a bytes.Buffer takes everything
	blank := bytes.Repeat([]byte(" "), 64<<10)
	for range wire.MaxBody / len(blank) {
		pack.Write(blank)
	}
	pack.Write([]byte(`]}`))
	pack.Close()
	return body.Bytes()
}
