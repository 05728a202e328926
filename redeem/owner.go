package redeem

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// The identity and the journal know each other: the journal's slot slotOwner names the terminal, and the identity names
// the journal. So neither can be taken away, or be replaced, unseen.

// loadIdentity reads the identity. Where there is none it makes one, unless the journal has an owner.
func (t *Terminal) loadIdentity(ctx context.Context) (identity, error) {
	if _, owned := t.journal.Note(slotOwner); owned {
		file, err := t.fs.Open(filepath.Join(t.dir, identityFile), 0)
		if errors.Is(err, fs.ErrNotExist) {
			return identity{}, fault.New(fault.Damaged, "redeem.Open",
				"%s is missing, and the journal beside it has records: restore it, or move the folder away and enrol anew",
				identityFile)
		}
		if err == nil {
			file.Close()
		}
	}
	return loadIdentity(ctx, t.fs, t.dir, t.cfg.KeyStore)
}

// ownJournal writes into a new journal whose it is, and refuses one that belongs to another terminal: its records could
// not be signed with this terminal's key. A journal that is not the one which the identity knows has forgotten what
// stood in that one.
func (t *Terminal) ownJournal(ctx context.Context) error {
	journal := t.journal.ID()
	known := t.id.Journal != "" && t.id.Journal != journalName(journal)
	if known {
		t.opening = append(t.opening, lapse{cause: record.CauseJournal, above: t.journal.Flushed(), unknown: true})
	}
	owner, ok := t.journal.Note(slotOwner)
	switch {
	case ok && string(owner) != string(t.id.Terminal[:]):
		return fault.New(fault.Damaged, "redeem.Open", "the journal belongs to another terminal than %s: restore the two together", identityFile)
	case !ok:
		if err := t.takeJournal(ctx); err != nil {
			return err
		}
	case t.chainNow().IsZero(): // a crash came between the two notes
		if err := t.startChain(ctx); err != nil {
			return err
		}
	}
	if t.id.Journal != "" && !known {
		return nil
	}
	t.link = journalName(journal)
	return nil
}

// takeJournal has a new journal name its owner.
func (t *Terminal) takeJournal(ctx context.Context) error {
	chain := record.NewChainID()
	return t.journal.Skip(ctx, 0, journal.Note{Slot: slotOwner, Value: t.id.Terminal[:]},
		journal.Note{Slot: slotChain, Value: chain[:]})
}

// linkJournal has the identity know the journal, once that knows what it has forgotten: until then each opening sees it.
func (t *Terminal) linkJournal() error {
	if t.link == "" {
		return nil
	}
	return t.changeIdentity(func(id *identity) { id.Journal = t.link })
}

func journalName(id journal.ID) string { return record.HashOf(id[:]).String()[:32] }
