package redeem

import (
	"log/slog"

	"github.com/offlane/offlane/redeem/internal/clock"
	"github.com/offlane/offlane/redeem/internal/limits"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
)

// A recorder makes the terminal's records: it has what redemptions, voids and corrections share.
type recorder struct {
	policy     *Policy
	journal    *journal.Log
	clock      *clock.Clock
	ids        *identities
	bundles    *bundles
	limits     *limits.Counters
	notAllowed *notAllowed
	hub        Hub          // nil: there is none
	log        *slog.Logger // for what is logged under the journal's lock
}

// newRecorder makes the parts that record what happens at the counter.
func (t *Terminal) newRecorder() {
	r := &recorder{
		policy: &t.cfg.Policy, journal: t.journal, clock: t.clock, ids: t.ids, bundles: t.bundles, limits: &t.limits,
		notAllowed: &notAllowed{}, hub: t.cfg.Hub, log: t.queued,
	}
	t.redeemer = &redeemer{recorder: r, lapses: t.lapses, marker: t.marker, hasKeys: len(t.cfg.Keys) > 0}
	t.voider, t.corrector, t.history = &voider{r}, &corrector{r}, history{r}
}

// read parses what was scanned, by the bundle in force.
func (r *recorder) read(scanned string, separated bool) (offer.Presented, error) {
	return offer.Reader{Separated: separated, LayoutOf: r.bundles.now().bundle.LayoutOf}.Parse(scanned)
}

// isTraining reports whether nothing is to be recorded, since the terminal or the POS is in training mode.
func (r *recorder) isTraining(request bool) bool { return r.policy.Training || request }
