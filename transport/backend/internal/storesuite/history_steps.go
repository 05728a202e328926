package storesuite

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A step is something that may happen next, as often as its weight says.
type step struct {
	name   string
	weight int
	take   func(*world)
}

var steps = []step{
	{"acceptances", 90, (*world).accept},
	{"redemptions", 190, (*world).redeem},
	{"reservations", 25, (*world).reserve},
	{"releases", 10, (*world).release},
	{"voids", 170, (*world).void},
	{"voids of nothing", 6, (*world).voidNothing},
	{"corrections", 60, (*world).correct},
	{"coupons", 45, (*world).redeemCoupon},
	{"oddities", 8, (*world).oddity},
	{"reports", 300, (*world).report},
	{"polls", 50, (*world).poll},
	{"pauses", 25, (*world).pause},
	{"restarts of tills", 10, (*world).reboot},
	{"revocations", 8, (*world).revoke},
	{"agreements", 10, (*world).changeAgreement},
	{"backups", 8, (*world).backUp},
	{"restores", 9, (*world).restore},
	{"ends of restores", 5, (*world).endRestore},
}

// take takes one of some steps, and compares where it is due.
func (w *world) take(of []step) {
	w.now = w.now.Add(time.Millisecond + w.randomTime(8*time.Minute))
	total := 0
	for _, s := range of {
		total += s.weight
	}
	n := w.rng.IntN(total)
	for _, s := range of {
		if n -= s.weight; n < 0 {
			w.tally[s.name]++
			s.take(w)
			break
		}
	}
	if w.h.Every > 0 && (w.step+1)%w.h.Every == 0 {
		w.compare()
	}
}

func (w *world) accept() { w.acceptOf(&w.campaigns[w.rng.IntN(len(w.campaigns))]) }

// acceptOf has a device accept an offer.
func (w *world) acceptOf(c *wire.Campaign) {
	answer := w.send(w.server, "POST", wire.PathDeviceOffers, "", wire.Accept{Campaign: c.ID})
	if want := w.books.mayAccept(c); (answer.Code == http.StatusCreated) != want {
		w.fail("an offer of %s was accepted with %d, it should be %v: %s", c.ID, answer.Code, want, answer.Body)
	}
	if answer.Code != http.StatusCreated {
		w.note("no offer of %s is left", c.ID)
		return
	}
	told := readAs[wire.DeviceOffer](w, answer)
	presented, err := offer.Parse(told.Pass)
	w.must(err)
	p := &pass{text: told.Pass, id: presented.ID, alias: presented.Alias, campaign: c, audience: presented.Pass.Audience,
		issued: presented.Pass.IssuedAt.UnixMilli(), notAfter: presented.Pass.NotAfter.UnixMilli()}
	end := w.now.Truncate(time.Second).Add(time.Duration(c.ValidSeconds) * time.Second)
	if end.UnixMilli() != p.notAfter {
		w.fail("%s ends at %d, not at %v", p, p.notAfter, end)
	}
	if want := w.books.audience(c); !slices.Equal(p.audience, want) {
		w.fail("%s is for %q, not for %q", p, p.audience, want)
	}
	w.passes = append(w.passes, p)
	w.books.accept(p, w.now.UnixMilli())
	w.note("%s is accepted", p)
}

// report has a till send some of its records, in one of the ways in which that happens.
func (w *world) report() {
	l := one(w.rng, w.tills...)
	l.reportRun(l.choose(), w.chance(5))
}

// choose picks a run of records: what waits, or some of it, or anything again.
func (l *till) choose() []*kept {
	n := len(l.kept)
	first := slices.IndexFunc(l.kept, func(k *kept) bool { return !k.answered })
	switch {
	case n == 0:
		return nil
	case l.chance(15) || first < 0: // again, or out of order
		first = l.rng.IntN(n)
	case l.chance(15):
		first = n - 1
	}
	last := n
	if !l.chance(40) {
		last = min(n, first+1+l.rng.IntN(8))
	}
	return l.readableFrom(first, last)
}

// readableFrom is a run that begins with a record that can be read, by which its report is numbered.
func (l *till) readableFrom(first, last int) []*kept {
	for first > 0 && !l.kept[first].readable {
		first--
	}
	return l.kept[first:last]
}

// reportRun sends a run of records and holds the answer to what it must be.
func (l *till) reportRun(run []*kept, upload bool) {
	sent := record.Evidence{Wall: l.now.UnixMilli(), Boot: l.boot, SinceBoot: l.sinceBoot()}
	report := l.seal(run, sent)
	r := &plainReport{till: l, run: run, sent: sent, after: l.after, uploaded: upload,
		stand: map[record.Hash]record.Verdict{}}
	l.prove(&report, r)
	l.note("%s sends %s%s", l.name, describeRun(run), proofs(&report))
	want := l.books.take(r)
	answer := l.carry(report, upload)
	checkItems(l, answer, want)
	before := uint64(0)
	if r.gap {
		before = r.first()
	}
	l.hear(answer, run, before)
}

func describeRun(run []*kept) string {
	if len(run) == 0 {
		return "no records"
	}
	return run[0].String() + " to " + run[len(run)-1].String()
}

func proofs(report *record.Report) (text string) {
	if report.Passes != nil {
		text += ", with passes"
	}
	if len(report.Statements) > 0 {
		text += ", with statements"
	}
	return text
}

// prove adds what the till keeps beside the records where the backend asked for it or they were answered before. What
// another till keeps proves nothing.
func (l *till) prove(report *record.Report, r *plainReport) {
	wanted := slices.ContainsFunc(r.run, func(k *kept) bool { return k.wanted })
	if wanted || len(r.run) > 0 && l.chance(10) {
		r.passes = make([]*pass, len(r.run))
		report.Passes = make([]string, len(r.run))
		for i, k := range r.run {
			if r.passes[i] = k.pass; k.pass != nil && l.chance(2) {
				r.passes[i] = one(l.rng, l.passes...)
			}
			if r.passes[i] != nil {
				report.Passes[i] = r.passes[i].text
			}
		}
	}
	if report.Statements = l.statementsOf(r.run); len(report.Statements) > wire.MaxStatements {
		l.fail("%s needs %d statements", l.name, len(report.Statements))
	}
	for _, s := range report.Statements {
		read, err := s.Open(l.root.Public)
		l.must(err)
		for _, v := range read.Verdicts {
			r.stand[v.Hash] = v
		}
	}
	other := one(l.rng, l.tills...)
	if other != l && len(other.statements) > 0 && l.chance(5) && len(report.Statements) < wire.MaxStatements {
		report.Statements = append(report.Statements, one(l.rng, other.statements...).signed)
	}
}

// poll has a till ask for verdicts.
func (w *world) poll() {
	l := one(w.rng, w.tills...)
	w.note("%s asks for verdicts", l.name)
	w.books.giveUp(l)
	l.hear(l.askVerdicts(), nil, 0)
}

// pause lets hours pass, or a day.
func (w *world) pause() {
	w.now = w.now.Add(w.randomTime(one(w.rng, 2*time.Hour, 6*time.Hour, 30*time.Hour)))
	w.note("hours pass")
}

func (w *world) reboot() {
	l := one(w.rng, w.tills...)
	l.restart()
	w.note("%s starts again", l.name)
}

// revoke revokes an offer, or a whole campaign once in a long while.
func (w *world) revoke() {
	if len(w.passes) == 0 {
		return
	}
	p := w.recentPass()
	key := managementKey(p.campaign.Merchant)
	if w.chance(4) {
		w.note("campaign %s is revoked", p.campaign.ID)
		path := strings.Replace(wire.PathCampaignState, "{id}", p.campaign.ID, 1)
		state := wire.NewState{State: wire.Withdrawn}
		request[wire.Campaign](w, w.server.Management(), "PUT", path, key, state, http.StatusOK)
		w.books.revokeCampaign(p.campaign.ID)
		return
	}
	w.note("%s is revoked", p)
	body := wire.Revocation{Offers: []string{p.text}}
	told := request[wire.Revoked](w, w.server.Management(), "POST", wire.PathRevocations, key, body, http.StatusOK)
	if known := w.books.revoke(p.id); (told.Revoked == 1) != known {
		w.fail("%s: revoked: %d, known: %v", p, told.Revoked, known)
	}
}
