package backend

import (
	"crypto/ed25519"
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/rows"
)

// follow changes the terminal's key as its rotations say, and returns the key that it then has. A rotation that is not from the
// key of the moment was followed before.
func follow(t *Terminal, rotations []record.Rotation) ed25519.PublicKey {
	for _, r := range rotations {
		if r.Verify(t.ID) != nil {
			continue
		}
		at := slices.IndexFunc(t.Former, func(f rows.FormerKey) bool { return f.Key.Equal(r.From) })
		switch {
		case at >= 0: // asked again: the terminal may have gone on with the old key until it heard the answer
			t.Former[at].Last = max(t.Former[at].Last, r.Last)
		case t.Key.Equal(r.From):
			t.Former = append(t.Former, rows.FormerKey{Key: r.From, Last: r.Last})
			t.Former = t.Former[max(0, len(t.Former)-record.MaxRotations):]
			t.Key = r.To
		}
	}
	return t.Key
}

// open verifies a report with the terminal's key, or with a former one as far as that one counts.
func open(t *Terminal, report record.Report) (record.Heading, []record.Item, error) {
	h, items, err := report.Open(t.Key)
	if !errors.Is(err, fault.Forged) {
		return h, items, err
	}
	for _, f := range t.Former {
		h, items, former := report.Open(f.Key)
		switch {
		case former != nil:
			continue
		case h.Last == 0 || h.Last > f.Last:
			return h, nil, fault.New(fault.Forged, "", "the report is signed with a key that terminal %s gave up after record %d: "+
				"have it report, or export, again", t.ID, f.Last)
		}
		h.Lost = nil // what is lost is for the key in use to say
		return h, items, nil
	}
	return h, items, err
}
