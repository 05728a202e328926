package backend

import (
	"net/http"

	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// isGiven reports whether the customer agreed.
func isGiven(c store.Consent) bool { return c.At != 0 }

// hasSignal reports whether a request bears Global Privacy Control (W3C, section 3.1).
func hasSignal(r *http.Request) bool { return r.Header.Get("Sec-GPC") == "1" }

// heedSignal ends what a device's customer agreed to before its signal was seen, before anything else is done with the
// request.
func (s *Server) heedSignal(next handler) handler {
	return func(c *call) (any, error) {
		if hasSignal(c.Request) {
			if err := s.noteSignal(c); err != nil {
				return nil, err
			}
		}
		return next(c)
	}
}

// noteSignal writes once, when the signal is new. What is wrong with the credential the handler says.
func (s *Server) noteSignal(c *call) error {
	d, err := s.deviceOf(c)
	if err != nil || d.secret == "" {
		return nil
	}
	row, err := view(c.Context(), s, d.row)
	if err != nil || row == nil || row.GPC != 0 {
		return err
	}
	return s.store.Update(c.Context(), func(tx store.Tx) error {
		row, err := d.row(tx)
		if err != nil || row == nil || row.GPC != 0 {
			return err
		}
		now := s.now().UnixMilli()
		row.GPC, row.Personal, row.Export = now, store.Consent{}, store.Consent{}
		if err := s.endExport(tx, row.Hash, now); err != nil {
			return err
		}
		return tx.PutDevice(*row)
	})
}

// putConsent keeps what the customer agrees to with the device. A device that the backend does not know has nothing to
// keep it with: it says so again when it accepts an offer.
func (s *Server) putConsent(c *call) (any, error) {
	body, err := bodyOf[wire.Consent](c, smallBody)
	if err != nil {
		return nil, err
	}
	if err := body.Check(); err != nil {
		return nil, err
	}
	d, err := s.deviceOf(c)
	if err != nil || d.secret == "" {
		return wire.KeptConsent{}, err
	}
	signal := hasSignal(c.Request)
	return update(c.Context(), s, func(tx store.Tx) (wire.KeptConsent, error) {
		row, err := d.row(tx)
		if row == nil || err != nil {
			return wire.KeptConsent{}, err
		}
		now := s.now().UnixMilli()
		before := *row
		change(row, &body, signal, now)
		if isGiven(before.Measurement) && !isGiven(row.Measurement) {
			row.Withdrew = true
			if err := s.endMeasurement(tx, row, now); err != nil {
				return wire.KeptConsent{}, err
			}
		}
		if isGiven(before.Export) && !isGiven(row.Export) {
			if err := s.endExport(tx, row.Hash, now); err != nil {
				return wire.KeptConsent{}, err
			}
		}
		return keptConsent(row), tx.PutDevice(*row)
	})
}

// change has a device's consents be what its customer says now.
func change(row *store.Device, body *wire.Consent, signal bool, now int64) {
	if !signal {
		row.GPC = 0
	}
	for purpose, agrees := range map[*store.Consent]bool{&row.Personal: body.Personal, &row.Measurement: body.Measurement,
		&row.Export: body.Export && !signal} {
		if agrees {
			agree(purpose, body.Text, now)
		} else {
			*purpose = store.Consent{}
		}
	}
}

// agree notes a consent. One that stands already stays as it is, unless it is now to another text.
func agree(purpose *store.Consent, text string, now int64) {
	if !isGiven(*purpose) || text != "" && text != purpose.Text {
		*purpose = store.Consent{At: now, Text: text}
	}
}

// noteAcceptance notes what the customer agrees to with an acceptance, which takes nothing back.
func noteAcceptance(row *store.Device, body *wire.Accept, signal bool, now int64) {
	if row.GPC == 0 && signal {
		row.GPC = now
	}
	if !signal {
		row.GPC = 0
	}
	if body.Personal {
		agree(&row.Personal, body.Text, now)
	}
	if body.Measurement {
		agree(&row.Measurement, body.Text, now)
	}
	if body.Click != nil && !signal {
		agree(&row.Export, body.Click.Text, now)
	}
}

func keptConsent(row *store.Device) wire.KeptConsent {
	return wire.KeptConsent{Personal: wireAgreed(row.Personal), Measurement: wireAgreed(row.Measurement),
		Export: wireAgreed(row.Export), GPC: row.GPC}
}

func wireAgreed(c store.Consent) *wire.Agreed {
	if !isGiven(c) {
		return nil
	}
	return &wire.Agreed{At: c.At, Text: c.Text}
}
