package redeem

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// An enroller makes the terminal known to the backend. Its methods belong to whoever has the turn to send.
type enroller struct {
	backend Reporter
	code    string // Config.EnrolmentCode
	timeout time.Duration
	journal *journal.Log
	ids     *identities
	lapses  *lapses
	events  *eventQueue
	log     *slog.Logger

	refusal error // why the backend refuses the code of a terminal that it knows; nil: it does not
}

// withToken makes sure that there is a token before it calls do, and gets a fresh one when the backend takes it no
// longer: the terminal proves who it is with its key, so nobody need come by. A change of the key that is under way
// goes first.
func (e *enroller) withToken(ctx context.Context, do func(context.Context) error) error {
	if id := e.ids.now(); !id.isEnrolled() || id.Next != nil {
		if err := e.enrol(ctx); err != nil {
			return err
		}
		return do(ctx)
	}
	if err := e.tryCode(ctx); err != nil {
		return err
	}
	err := do(ctx)
	if !errors.Is(err, fault.Unauthorized) {
		return err
	}
	if failed := e.enrol(ctx); failed != nil {
		return errors.Join(err, failed)
	}
	return do(ctx)
}

// tryCode enrols with a code that the terminal was not given before, which may have it move to another store. It is
// tried once in a process: where the backend refuses it everything goes on as it is, and the exchange ends with the
// refusal.
func (e *enroller) tryCode(ctx context.Context) error {
	if e.code == "" || e.ids.now().Code == codeName(e.code) || e.refusal != nil {
		return nil
	}
	err := e.enrol(ctx)
	switch fault.CodeOf(err) {
	case fault.Unauthorized, fault.Forbidden, fault.OtherMerchant:
		e.refusal = err
		return nil
	}
	return err
}

// codeName names an enrolment code without telling it.
func codeName(code string) string {
	if code == "" {
		return ""
	}
	return record.HashOf([]byte(code)).String()[:16]
}

// enrol makes the terminal known, with the key that it is changing to where it is. A backend that knows the old key
// and will not have the new one does not know rotations: the old one stays.
func (e *enroller) enrol(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	id := e.ids.now()
	if id.Next == nil {
		return e.introduce(ctx, id.ownKey, id.Rotations)
	}
	rotations, err := id.nextRotations(e.journal.Stats().LastNumber)
	if err != nil {
		return err
	}
	err = e.introduce(ctx, *id.Next, rotations)
	if !errors.Is(err, fault.Unauthorized) && !errors.Is(err, fault.Forged) {
		return err
	}
	if old := e.introduce(ctx, id.ownKey, id.Rotations); old != nil {
		return errors.Join(err, old)
	}
	e.log.WarnContext(ctx, "the backend takes no new key from this terminal: the old one stays", errAttr(err))
	return nil
}

// introduce enrols with a key, which from the backend's answer on is the terminal's only one.
func (e *enroller) introduce(ctx context.Context, key ownKey, rotations []record.Rotation) error {
	before := e.ids.now()
	answer, err := e.answerChallenge(ctx, key, rotations)
	if errors.Is(err, fault.StaleChallenge) { // used by an attempt whose answer was lost
		answer, err = e.answerChallenge(ctx, key, rotations)
	}
	if err != nil {
		return err
	}
	err = e.ids.change(func(id *identity) {
		id.ownKey, id.Next, id.Rotations = key, nil, rotations
		id.Token, id.Place, id.Zone, id.Roots = answer.Token, answer.Place, answer.Zone, answer.Roots
		if e.code != "" {
			id.Code = codeName(e.code)
		}
	})
	if err == nil {
		err = e.lapses.noticeSecond(ctx, answer.Second)
	}
	if err != nil {
		return err
	}
	e.forget(ctx, before, key)
	e.announce(ctx, before)
	return nil
}

// announce tells of an enrolment that is new, or of a place that is another than before; a token that was renewed is
// no news.
func (e *enroller) announce(ctx context.Context, before *identity) {
	id := e.ids.now()
	e.log.InfoContext(ctx, "enrolled", "terminal", id.Terminal, "store", id.Place.Store, "zone", id.Zone)
	if before.isEnrolled() && before.Place == id.Place && before.Zone == id.Zone {
		return
	}
	if id.location == nil {
		e.log.WarnContext(ctx, "this machine does not know the store's time zone: days are reckoned by its own", "zone",
			id.Zone)
	}
	e.events.add(Event{Kind: EventEnrolled})
}

// answerChallenge enrols once, with a fresh challenge.
func (e *enroller) answerChallenge(
	ctx context.Context, key ownKey, rotations []record.Rotation,
) (record.Enrolled, error) {
	challenge, err := e.backend.Challenge(ctx)
	if err != nil {
		return record.Enrolled{}, err
	}
	id := e.ids.now()
	proof, err := record.Enrolment{
		Code: e.code, Terminal: id.Terminal, Lane: id.stands.Lane, Rotations: rotations,
		Challenge: challenge, Last: e.journal.Stats().LastNumber,
	}.Prove(key.signer)
	if err != nil {
		return record.Enrolled{}, err
	}
	return e.backend.Enrol(ctx, proof)
}

// forget tells the key store which of the keys before are not needed any more.
func (e *enroller) forget(ctx context.Context, before *identity, kept ownKey) {
	keys := []*ownKey{&before.ownKey, before.Next}
	for _, key := range keys {
		if e.ids.store == nil || key == nil || key.Public == nil || key.Public.Equal(kept.public()) {
			continue
		}
		if err := e.ids.store.Forget(ctx, key.Public); err != nil {
			e.log.WarnContext(ctx, "the key store does not forget a key that is not needed any more", errAttr(err))
		}
	}
}

// rotate makes a new key, unless one waits already, and enrols with it.
func (e *enroller) rotate(ctx context.Context) error {
	if e.ids.now().Next == nil {
		next, err := newOwnKey(ctx, e.ids.store)
		if err != nil {
			return err
		}
		if err := e.ids.change(func(id *identity) { id.Next = &next }); err != nil {
			return err
		}
	}
	next := e.ids.now().Next
	err := e.enrol(ctx)
	if err == nil && !next.public().Equal(e.ids.now().public()) {
		err = fault.New(fault.UnsupportedVersion, "redeem.RotateKey",
			"the backend does not take rotations: the terminal keeps its key")
	}
	return err
}
