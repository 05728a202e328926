package transporttest

import (
	"context"
	"net/http"

	"github.com/offlane/offlane/transport/wire"
)

// The rules on consent are for a backend that can do wire.CanDevice.
var consentRules = []Rule{
	{"consent-by-purpose", "Each purpose is agreed to by itself, with the moment and the version of the text, and what " +
		"is absent is taken back.", checkPurposes},
	{"privacy-signal", "Global Privacy Control ends what was agreed to before for personal answers and export; with " +
		"it nothing is agreed to for export.", checkSignal},
}

// agreeing is a device that agreed to all purposes.
func (s *suite) agreeing(ctx context.Context) (*device, error) {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return nil, err
	}
	if _, err := d.accept(ctx, false); err != nil {
		return nil, err
	}
	kept, err := good[wire.KeptConsent](d.ask(ctx, http.MethodPut, wire.PathConsent, agreesToAll))
	if err == nil && (kept.Personal == nil || kept.Measurement == nil || kept.Export == nil) {
		err = broken("a consent to all purposes is kept as %+v", kept)
	}
	return d, err
}

var agreesToAll = wire.Consent{Personal: true, Measurement: true, Export: true, Text: "conformance 1"}

func checkPurposes(ctx context.Context, s *suite) error {
	d, err := s.agreeing(ctx)
	if err != nil || d == nil {
		return err
	}
	some := wire.Consent{Measurement: true, Text: "conformance 2"}
	kept, err := good[wire.KeptConsent](d.ask(ctx, http.MethodPut, wire.PathConsent, some))
	if err != nil {
		return err
	}
	if kept.Personal != nil || kept.Export != nil || kept.Measurement == nil || kept.Measurement.Text != some.Text ||
		kept.Measurement.At == 0 {
		return broken("a consent to measurement alone is kept as %+v", kept)
	}
	resp, err := d.ask(ctx, http.MethodPut, wire.PathConsent, wire.Consent{Measurement: true})
	if err := refused4xx(resp, err); err != nil {
		return broken("a consent to measurement without a text: %w", err)
	}
	return nil
}

func checkSignal(ctx context.Context, s *suite) error {
	d, err := s.agreeing(ctx)
	if err != nil || d == nil {
		return err
	}
	signal := func() http.Header { return http.Header{"Sec-GPC": {"1"}} } // a device's request adds to it
	if _, err := good[wire.Visit](d.askWith(ctx, signal(), http.MethodGet, wire.PathDeviceVisit, nil)); err != nil {
		return err
	}
	told, err := d.list(ctx)
	if err != nil {
		return err
	}
	if told.Personal || told.Consent.Export != nil || told.Consent.Measurement == nil {
		return broken("after the signal was seen the device's consents are %+v", told.Consent)
	}
	kept, err := good[wire.KeptConsent](d.askWith(ctx, signal(), http.MethodPut, wire.PathConsent, agreesToAll))
	if err == nil && (kept.Personal == nil || kept.Export != nil) {
		err = broken("a consent with the signal is kept as %+v, not without export", kept)
	}
	return err
}
