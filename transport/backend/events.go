package backend

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// tokenLife is how long an answer's token is good for. It ends with a day, so that one answer has one token a day.
const tokenLife = 30 * 24 * time.Hour

// answerToken names an answer to one device: the answer's name in base64, the day after its last in base 36, and an
// HMAC over both and the device, joined by dots.
func (s secrets) answerToken(device store.Hash, name string, now int64) string {
	ends := strconv.FormatInt(answer.DayOf(now+tokenLife.Milliseconds())+1, 36)
	return base64.RawURLEncoding.EncodeToString([]byte(name)) + "." + ends + "." + s.answerTag(device, name, ends)
}

func (s secrets) answerTag(device store.Hash, name, ends string) string {
	return s.tag(ofAnswer, strings.Join([]string{hex.EncodeToString(device[:]), name, ends}, "\x00"))
}

// answerOf returns the name of the answer that a token of the device is for. Errors: fault.Forbidden for one that this
// backend did not make for the device, fault.Expired.
func (s secrets) answerOf(device store.Hash, token string, now int64) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", fault.New(fault.Forbidden, "", "token: it is no answer's")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	name := string(raw)
	if err != nil || !isEqual(s.answerTag(device, name, parts[1]), parts[2]) {
		return "", fault.New(fault.Forbidden, "", "token: it is not of an answer to this device")
	}
	if ends, err := strconv.ParseInt(parts[1], 36, 64); err != nil || answer.DayOf(now) >= ends {
		return "", fault.New(fault.Expired, "", "token: it is too old: visit again")
	}
	return name, nil
}

// postDeviceEvent keeps what became of an answer.
func (s *Server) postDeviceEvent(c *call) (any, error) {
	body, err := bodyOf[wire.DeviceEvent](c, smallBody)
	if err != nil {
		return nil, err
	}
	if err := body.Check(); err != nil {
		return nil, err
	}
	d, err := s.deviceOf(c)
	if err != nil {
		return nil, err
	}
	if d.secret == "" {
		return nil, fault.New(fault.Unauthorized, "", "the request has no device's secret")
	}
	now := s.now().UnixMilli()
	name, err := s.secrets.answerOf(d.hash(), body.Token, now)
	if err != nil {
		return nil, err
	}
	in, err := s.withCatalogue(c.Context(), func(store.Tx, *answer.Catalogue) error { return nil })
	if err != nil {
		return nil, err
	}
	c.status = http.StatusNoContent
	return nil, s.store.Update(c.Context(), func(tx store.Tx) error {
		known, err := d.row(tx)
		switch {
		case err != nil:
			return err
		case known == nil:
			return fault.New(fault.NotFound, "", "this device is not known any more")
		case body.Event != wire.EventDismiss && !isGiven(known.Measurement):
			return nil // it is kept nowhere
		}
		var sums posting.Sums
		err = s.happens(tx, known, &sums, in, name, answer.Event(body.Event), now)
		if err != nil {
			return err
		}
		return tx.Post(sums.Posting())
	})
}

// happens keeps what became of an answer of a device, whose lock is held. Of each answer each event is kept once. It is
// counted where the customer agreed to measurement.
func (s *Server) happens(tx store.Tx, known *store.Device, sums *posting.Sums, in *answer.Catalogue, name string,
	event answer.Event, now int64) error {
	row, coolOff := in.Row(name)
	rows, err := tx.Answers(known.Hash)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(rows, func(a store.Answer) bool { return a.Name == name }); i >= 0 {
		row = rows[i]
	}
	row.Device = known.Hash
	counted, changed := answer.Note(&row, event, now, int64(coolOff)*dayMillis)
	if !changed {
		return nil
	}
	if isGiven(known.Measurement) {
		sums.Measure(counted)
	}
	s.kept.Schedule(&row)
	return tx.PutAnswers([]store.Answer{row})
}

const dayMillis = 24 * 60 * 60 * 1000
