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
	{"measured-once", "What becomes of an answer counts once, and only where the customer agreed to measurement.",
		checkMeasured},
}

// agreedDevice is a device that agreed to all purposes.
func (s *suite) agreedDevice(ctx context.Context) (*device, error) {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return nil, err
	}
	if _, err := d.accept(ctx, false); err != nil {
		return nil, err
	}
	kept, err := good[wire.KeptConsent](d.ask(ctx, http.MethodPut, wire.PathConsent, agreesToAll))
	if err == nil && (kept.Personal == nil || kept.Measurement == nil || kept.Export == nil) {
		err = breach("a consent to all purposes is kept as %+v", kept)
	}
	return d, err
}

var agreesToAll = wire.Consent{Personal: true, Measurement: true, Export: true, Text: "conformance 1"}

func checkPurposes(ctx context.Context, s *suite) error {
	d, err := s.agreedDevice(ctx)
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
		return breach("a consent to measurement alone is kept as %+v", kept)
	}
	resp, err := d.ask(ctx, http.MethodPut, wire.PathConsent, wire.Consent{Measurement: true})
	if err := wantClientError(resp, err); err != nil {
		return breach("a consent to measurement without a text: %w", err)
	}
	return nil
}

func checkSignal(ctx context.Context, s *suite) error {
	d, err := s.agreedDevice(ctx)
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
		return breach("after the signal was seen the device's consents are %+v", told.Consent)
	}
	kept, err := good[wire.KeptConsent](d.askWith(ctx, signal(), http.MethodPut, wire.PathConsent, agreesToAll))
	if err == nil && (kept.Personal == nil || kept.Export != nil) {
		err = breach("a consent with the signal is kept as %+v, not without export", kept)
	}
	return err
}

func checkMeasured(ctx context.Context, s *suite) error {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return err
	}
	if _, err := d.accept(ctx, false); err != nil {
		return err
	}
	for _, step := range []struct {
		consent wire.Consent
		want    int64
	}{{wire.Consent{}, 0}, {wire.Consent{Measurement: true, Text: "conformance 1"}, 1}} {
		fresh, err := s.open(ctx, wire.Campaign{})
		if err != nil {
			return err
		}
		if _, err := good[wire.KeptConsent](d.ask(ctx, http.MethodPut, wire.PathConsent, step.consent)); err != nil {
			return err
		}
		shown, err := d.askShown(ctx, fresh.campaign)
		if err != nil || shown == nil {
			return breach("a device is not shown the newest campaign: %w", err)
		}
		seen := wire.DeviceEvent{Token: shown.Token, Event: wire.EventSeen}
		for range 3 {
			if resp, err := d.ask(ctx, http.MethodPost, wire.PathDeviceEvents, seen); err != nil ||
				resp.status != http.StatusNoContent {
				return breach("status %d for an answer that was seen: %w", resp.status, err)
			}
		}
		if err := s.checkCount(ctx, fresh.campaign, step.want); err != nil {
			return err
		}
	}
	return nil
}

// checkCount asks how often a campaign of the owner's was seen.
func (s *suite) checkCount(ctx context.Context, campaign string, want int64) error {
	effect, err := s.effect(ctx, campaign)
	if err == nil && effect.Seen != want {
		err = breach("an answer that a device says three times it saw counts %d times, not %d", effect.Seen, want)
	}
	return err
}

// effect is what the owner is told of a campaign; zero: nothing.
func (s *suite) effect(ctx context.Context, campaign string) (wire.Effect, error) {
	b, err := s.pair()
	if err != nil {
		return wire.Effect{}, err
	}
	told, err := good[wire.Effects](b.call(ctx, http.MethodGet, wire.PathEffects, b.owner.Key, nil, nil))
	for _, e := range told.Effects {
		if e.Campaign == campaign {
			return e, err
		}
	}
	return wire.Effect{}, err
}
