package redeem

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// identityFile holds the terminal's key: only its owner can read it.
const identityFile = "terminal.json"

const identityVersion = 1

// identity is who the terminal is. It is made at the first start and written whole, beside the old file and renamed over it.
type identity struct {
	Version  int               `json:"version"`
	Terminal record.TerminalID `json:"terminal"`
	ownKey
	// Next is the key that it is changing to: it was made, and the backend has not been heard to know it.
	Next *ownKey `json:"next,omitempty"`
	// Rotations are the last ones, oldest first; the backend may have missed some.
	Rotations []record.Rotation `json:"rotations,omitempty"`
	Token     string            `json:"token,omitempty"`
	Place     record.Place      `json:"place,omitzero"`
	// Zone is the store's time zone, an IANA name; absent in an enrolment before there were zones.
	Zone  string      `json:"zone,omitempty"`
	Roots []offer.Key `json:"roots,omitempty"`
	// Code is the beginning of the hash of the enrolment code that it was given last.
	Code string `json:"code,omitempty"`
	// Journal names the journal that belongs to it; empty: it was not made yet.
	Journal string `json:"journal,omitempty"`
	// Block is what the backend said last of whether it is blocked.
	Block blockState `json:"block,omitzero"`

	location *time.Location // of Zone; nil: not enrolled, or the machine does not know the zone
}

// loadIdentity reads the identity, or makes one at the first start.
func loadIdentity(ctx context.Context, fsys vfs.FS, dir string, store KeyStore) (identity, error) {
	raw, err := readFile(fsys, filepath.Join(dir, identityFile))
	if errors.Is(err, fs.ErrNotExist) {
		key, err := newOwnKey(ctx, store)
		if err != nil {
			return identity{}, err
		}
		id := identity{Version: identityVersion, Terminal: record.NewTerminalID(), ownKey: key}
		return id, id.save(fsys, dir)
	}
	if err != nil {
		return identity{}, fault.New(fault.Damaged, "redeem.Open", "reading %s: %w", identityFile, err)
	}
	id, err := parseIdentity(raw)
	if err == nil {
		err = id.load(ctx, store)
	}
	if err == nil && id.Next != nil {
		err = id.Next.load(ctx, store)
	}
	return id, err
}

func parseIdentity(raw []byte) (identity, error) {
	const op = "redeem.Open"
	var id identity
	if err := json.Unmarshal(raw, &id); err != nil {
		return identity{}, fault.New(fault.Damaged, op, "%s cannot be read: restore it, or move the folder away and enrol anew: %w", identityFile, err)
	}
	if id.Version != identityVersion {
		return identity{}, fault.New(fault.UnsupportedVersion, op, "%s is of version %d, this program knows %d", identityFile, id.Version, identityVersion)
	}
	if id.Terminal.IsZero() {
		return identity{}, fault.New(fault.Damaged, op, "%s names no terminal: restore it, or move the folder away and enrol anew", identityFile)
	}
	id.locate()
	return id, nil
}

func (id identity) save(fsys vfs.FS, dir string) error {
	raw, err := json.MarshalIndent(id, "", "\t")
	if err != nil {
		return fault.New(fault.Internal, "redeem.Open", "%w", err)
	}
	if err := writeFile(fsys, filepath.Join(dir, identityFile), append(raw, '\n')); err != nil {
		return fault.New(fault.DiskFull, "redeem.Open", "writing %s: %w", identityFile, err)
	}
	return nil
}

// enrolled makes sure that there is a token before it calls do, and gets a fresh one when the backend takes it no longer: the
// terminal proves who it is with its key, so nobody need come by. A change of the key that is under way goes first.
func (t *Terminal) enrolled(ctx context.Context, do func(context.Context) error) error {
	if id := t.identity(); id.Token == "" || id.Next != nil {
		if err := t.enrol(ctx); err != nil {
			return err
		}
		return do(ctx)
	}
	if err := t.tryCode(ctx); err != nil {
		return err
	}
	err := do(ctx)
	if !errors.Is(err, fault.Unauthorized) {
		return err
	}
	if failed := t.enrol(ctx); failed != nil {
		return errors.Join(err, failed)
	}
	return do(ctx)
}

// tryCode enrols with a code that the terminal was not given before, which may have it move to another store. It is
// tried once in a process: where the backend refuses it everything goes on as it is, and the exchange ends with the
// refusal.
func (t *Terminal) tryCode(ctx context.Context) error {
	t.mu.Lock()
	fresh := t.cfg.EnrolmentCode != "" && t.id.Code != codeName(t.cfg.EnrolmentCode) && t.progress.refused == nil
	t.mu.Unlock()
	if !fresh {
		return nil
	}
	err := t.enrol(ctx)
	switch fault.CodeOf(err) {
	case fault.Unauthorized, fault.Forbidden, fault.OtherMerchant:
		t.mu.Lock()
		defer t.mu.Unlock()
		t.progress.refused = err
		return nil
	}
	return err
}

// refused returns why the backend refuses the enrolment code; nil: it does not.
func (t *Terminal) refused() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.progress.refused
}

// codeName names an enrolment code without telling it.
func codeName(code string) string {
	if code == "" {
		return ""
	}
	return record.HashOf([]byte(code)).String()[:16]
}

// enrol makes the terminal known, with the key that it is changing to where it is. A backend that knows the old key and will not
// have the new one does not know rotations: the old one stays.
func (t *Terminal) enrol(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Reporting.Timeout)
	defer cancel()
	id := t.identity()
	if id.Next == nil {
		return t.introduce(ctx, id.ownKey, id.Rotations)
	}
	rotations, err := id.rotated(t.journal.Stats().LastNumber)
	if err != nil {
		return err
	}
	err = t.introduce(ctx, *id.Next, rotations)
	if !errors.Is(err, fault.Unauthorized) && !errors.Is(err, fault.Forged) {
		return err
	}
	if old := t.introduce(ctx, id.ownKey, id.Rotations); old != nil {
		return errors.Join(err, old)
	}
	t.log.WarnContext(ctx, "the backend takes no new key from this terminal: the old one stays", "error", err)
	return nil
}

// introduce enrols with a key, which from the backend's answer on is the terminal's only one.
func (t *Terminal) introduce(ctx context.Context, key ownKey, rotations []record.Rotation) error {
	id := t.identity()
	answer, err := t.answerChallenge(ctx, key, rotations)
	if errors.Is(err, fault.StaleChallenge) { // used by an attempt whose answer was lost
		answer, err = t.answerChallenge(ctx, key, rotations)
	}
	if err != nil {
		return err
	}
	err = t.changeIdentity(func(id *identity) {
		id.ownKey, id.Next, id.Rotations = key, nil, rotations
		id.Token, id.Place, id.Zone, id.Roots = answer.Token, answer.Place, answer.Zone, answer.Roots
		if t.cfg.EnrolmentCode != "" {
			id.Code = codeName(t.cfg.EnrolmentCode)
		}
	})
	if err == nil {
		err = t.comesSecond(ctx, answer.Second)
	}
	if err != nil {
		return err
	}
	t.forget(ctx, id, key)
	t.announceEnrolment(ctx, id)
	return nil
}

// announceEnrolment tells of an enrolment that is new, or of a place that is another than before; a token that was renewed is no news.
func (t *Terminal) announceEnrolment(ctx context.Context, before identity) {
	id := t.identity()
	t.log.InfoContext(ctx, "enrolled", "terminal", id.Terminal, "store", id.Place.Store, "zone", id.Zone)
	if before.Token != "" && before.Place == id.Place && before.Zone == id.Zone {
		return
	}
	if id.location == nil {
		t.log.WarnContext(ctx, "this machine does not know the store's time zone: days are reckoned by its own", "zone", id.Zone)
	}
	t.tell(Event{Kind: EventEnrolled})
}

// answerChallenge enrols once, with a fresh challenge.
func (t *Terminal) answerChallenge(
	ctx context.Context, key ownKey, rotations []record.Rotation,
) (record.Enrolled, error) {
	challenge, err := t.cfg.Reporter.Challenge(ctx)
	if err != nil {
		return record.Enrolled{}, err
	}
	proof, err := record.Enrolment{
		Code: t.cfg.EnrolmentCode, Terminal: t.identity().Terminal, Lane: t.place().Lane, Rotations: rotations,
		Challenge: challenge, Last: t.journal.Stats().LastNumber,
	}.Prove(key.signer)
	if err != nil {
		return record.Enrolled{}, err
	}
	return t.cfg.Reporter.Enrol(ctx, proof)
}

// forget tells the key store which of the keys before are not needed any more.
func (t *Terminal) forget(ctx context.Context, before identity, kept ownKey) {
	keys := []*ownKey{&before.ownKey, before.Next}
	for _, key := range keys {
		if t.cfg.KeyStore == nil || key == nil || key.Public == nil || key.Public.Equal(kept.public()) {
			continue
		}
		if err := t.cfg.KeyStore.Forget(ctx, key.Public); err != nil {
			t.log.WarnContext(ctx, "the key store does not forget a key that is not needed any more", "error", err)
		}
	}
}

// changeIdentity writes the identity anew and then uses it, one change at a time.
func (t *Terminal) changeIdentity(change func(*identity)) error {
	t.changing.Lock()
	defer t.changing.Unlock()
	id := t.identity()
	change(&id)
	id.locate()
	roots, err := mergeKeys(t.cfg.Roots, id.Roots)
	if err != nil {
		return fault.New(fault.NotTheContract, "redeem.Enrol", "the backend's root keys: %w", err)
	}
	if err := id.save(t.fs, t.dir); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.id, t.roots = id, roots
	return nil
}
