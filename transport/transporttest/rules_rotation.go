package transporttest

import (
	"context"
	"crypto/ed25519"
	"net/http"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// The rules of rotation are for a backend that can do wire.CanRotate; another one keeps them by not saying so.
var rotationRules = []Rule{
	{"key-rotation", "A terminal changes its key with its old key's word, and may show it again.", checkRotation},
	{"rotation-needs-the-old-key", "A new key without the old one's word changes nothing.", checkRotationForged},
	{"former-key", "After a rotation the old key counts for the records before it, and for nothing else.", checkFormerKey},
}

// rotates enrols a terminal where the backend can do rotations; nil where it cannot.
func (s *suite) rotates(ctx context.Context) (*till, error) {
	health, err := good[wire.Health](s.call(ctx, http.MethodGet, wire.PathHealth, "", nil, nil))
	if err != nil || len(health.Lacks(wire.CanRotate)) > 0 {
		return nil, err
	}
	return s.till(ctx)
}

// rotate gives the till a new key and returns the enrolment that tells of it, and the old key.
func (t *till) rotate(ctx context.Context) (record.Enrolment, ed25519.PrivateKey, error) {
	old := t.key
	_, fresh, err := ed25519.GenerateKey(nil)
	if err != nil {
		return record.Enrolment{}, nil, err
	}
	rotation, err := record.Rotate(t.id, old, fresh.Public().(ed25519.PublicKey), t.number)
	if err != nil {
		return record.Enrolment{}, nil, err
	}
	t.key = fresh
	e, err := t.prove(ctx, record.Enrolment{Rotations: []record.Rotation{rotation}})
	return e, old, err
}

// sell redeems a fresh offer and wants its record confirmed in a report that is signed with the key.
func (t *till) sell(ctx context.Context) error {
	p, err := t.offer(ctx)
	if err == nil {
		_, _, err = t.bookOffer(ctx, p, record.Confirmed)
	}
	return err
}

func checkRotation(ctx context.Context, s *suite) error {
	t, err := s.rotates(ctx)
	if err != nil || t == nil {
		return err
	}
	if err := t.sell(ctx); err != nil {
		return err
	}
	e, _, err := t.rotate(ctx)
	if err != nil {
		return err
	}
	for _, time := range []string{"the first time", "again, as after an answer that was lost"} {
		if t.told, err = t.enrol(ctx, e); err != nil {
			return breach("%s: %w", time, err)
		}
		if e, err = t.prove(ctx, record.Enrolment{Rotations: e.Rotations}); err != nil {
			return err
		}
		if err := t.sell(ctx); err != nil {
			return breach("%s, with the new key: %w", time, err)
		}
	}
	return nil
}

func checkRotationForged(ctx context.Context, s *suite) error {
	t, err := s.rotates(ctx)
	if err != nil || t == nil {
		return err
	}
	thief := *t
	if _, thief.key, err = ed25519.GenerateKey(nil); err != nil {
		return err
	}
	e, _, err := thief.rotate(ctx) // vouched for by a key that is not the terminal's
	if err != nil {
		return err
	}
	resp, err := s.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e))
	if err := wantClientError(resp, err, fault.Unauthorized, fault.Forged, fault.Forbidden); err != nil {
		return err
	}
	return t.sell(ctx)
}

func checkFormerKey(ctx context.Context, s *suite) error {
	t, err := s.rotates(ctx)
	if err != nil || t == nil {
		return err
	}
	p, err := s.offer(ctx)
	if err != nil {
		return err
	}
	_, before, err := t.redeem(p)
	if err != nil {
		return err
	}
	exported, err := t.seal(before)
	if err != nil {
		return err
	}
	e, old, err := t.rotate(ctx)
	if err != nil {
		return err
	}
	if t.told, err = t.enrol(ctx, e); err != nil {
		return err
	}
	answer, err := t.send(ctx, exported)
	if err != nil {
		return breach("a report from before the rotation: %w", err)
	}
	if err := wants(answer, before, record.Confirmed); err != nil {
		return breach("a report from before the rotation: %w", err)
	}
	return t.refusesFormer(ctx, old)
}

// refusesFormer wants what the old key signs after the rotation to be refused.
func (t *till) refusesFormer(ctx context.Context, old ed25519.PrivateKey) error {
	p, err := t.offer(ctx)
	if err != nil {
		return err
	}
	_, after, err := t.redeem(p)
	if err != nil {
		return err
	}
	late := *t
	late.key = old
	report, err := late.seal(after)
	if err != nil {
		return err
	}
	resp, err := t.post(ctx, wire.PathReports, t.told.Token, wire.FromReport(report))
	if err := wantClientError(resp, err, fault.Forged); err != nil {
		return breach("a record from after the rotation, signed with the old key: %w", err)
	}
	return nil
}
