package redeem

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// The identity and the journal know each other: the journal's slot slot.Owner names the terminal, and the identity
// names the journal. So neither can be taken away, or be replaced, unseen.

// An opening is what shows, as the terminal opens, that records were forgotten.
type opening struct {
	signs   []lapse
	notes   []journal.Note // what the journal is to know of this opening
	bounded *uint64        // what the mark says of how far the journal had come; nil: there is none
	link    string         // the name of the journal that the identity is to know; empty: it does
}

// checkIdentity refuses a journal that has an owner where there is no identity any more.
func checkIdentity(log *journal.Log, ids *identities) error {
	if _, owned := log.Note(slot.Owner); !owned {
		return nil
	}
	file, err := ids.fs.Open(filepath.Join(ids.dir, identityFile), 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Damaged, "redeem.Open",
			"%s is missing, and the journal beside it has records: restore it, or move the folder away and enrol anew",
			identityFile)
	}
	if err == nil {
		file.Close()
	}
	return nil
}

// ownJournal writes into a new journal whose it is, and refuses one that belongs to another terminal: its records could
// not be signed with this terminal's key. A journal that is not the one which the identity knows has forgotten what
// stood in that one.
func (o *opening) ownJournal(ctx context.Context, log *journal.Log, id *identity, logger *slog.Logger) error {
	name := journalName(log.ID())
	another := id.Journal != "" && id.Journal != name
	if another {
		o.signs = append(o.signs, lapse{cause: record.CauseJournal, above: log.Flushed(), unknown: true})
	}
	if id.Journal == "" || another {
		o.link = name
	}
	owner, ok := log.Note(slot.Owner)
	switch {
	case ok && string(owner) != string(id.Terminal[:]):
		return fault.New(fault.Damaged, "redeem.Open",
			"the journal belongs to another terminal than %s: restore the two together", identityFile)
	case !ok: // a new journal
		chain := record.NewChainID()
		return log.Skip(ctx, 0, journal.Note{Slot: slot.Owner, Value: id.Terminal[:]},
			journal.Note{Slot: slot.Chain, Value: chain[:]})
	case slot.ChainOf(log).IsZero(): // a crash came between the two notes
		chain := record.NewChainID()
		logger.WarnContext(ctx, "starting a new chain of records", "chain", chain)
		return log.PutNote(ctx, slot.Chain, chain[:])
	}
	return nil
}

// linkJournal has the identity know the journal, once that knows what it has forgotten: until then each opening sees
// it.
func (o *opening) linkJournal(ids *identities) error {
	if o.link == "" {
		return nil
	}
	return ids.change(func(id *identity) { id.Journal = o.link })
}

func journalName(id journal.ID) string { return record.HashOf(id[:]).String()[:32] }
