package backend

import (
	"cmp"
	"context"
	"slices"

	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// The rules that choose an answer; see wire.Why.
const (
	ruleRedeemed = "redeemed"
	ruleNew      = "new"
)

// getVisit matches the device's identifiers with the redemptions, and answers with ads and offers because of them. What
// the device was not shown today is counted; a visit that shows nothing else writes nothing.
func (s *Server) getVisit(c *call) (any, error) {
	d, err := s.deviceOf(c)
	if err != nil {
		return nil, err
	}
	v := &visit{Server: s, device: d, languages: languagesOf(c.Request), now: s.now().UnixMilli()}
	shown, in, err := v.read(c.Context())
	if err == nil && slices.ContainsFunc(shown.Answers, counts) {
		shown, err = v.count(c.Context(), in)
	}
	if err != nil {
		return nil, err
	}
	return v.tell(&shown), nil
}

// A visit is one device that asks what there is for it.
type visit struct {
	*Server
	device    device
	languages []string
	now       int64
}

// counts reports whether an answer is to be written: one that follows from a redemption and is shown for the first time
// today, or one that has the device enter a trial.
func counts(a answer.Answer) bool { return isShown(a) || a.Begins != nil }

func isShown(a answer.Answer) bool { return a.IsNew && a.Because != nil && !a.Held }

// read chooses without writing anything. It returns what it chose from as well.
func (v *visit) read(ctx context.Context) (shown answer.Choice, in *answer.Catalogue, err error) {
	in, err = v.withCatalogue(ctx, func(tx store.Tx, in *answer.Catalogue) error {
		d, err := v.look(tx)
		if err == nil {
			shown, err = v.choose(tx, in, d)
		}
		return err
	})
	return shown, in, err
}

// count chooses again under the device's lock, and counts what is new to the device.
func (v *visit) count(ctx context.Context, in *answer.Catalogue) (answer.Choice, error) {
	return update(ctx, v.Server, func(tx store.Tx) (answer.Choice, error) {
		d, err := v.look(tx)
		if err != nil {
			return answer.Choice{}, err
		}
		shown, err := v.choose(tx, in, d)
		if err != nil {
			return answer.Choice{}, err
		}
		return shown, v.write(tx, d, shown.Answers)
	})
}

// look reads what is known of the device.
func (v *visit) look(tx store.Tx) (*answer.Device, error) {
	d := &answer.Device{Languages: v.languages, Origin: v.device.origin}
	row, err := v.device.row(tx)
	if row == nil || err != nil {
		return d, err
	}
	d.Personal = isGiven(row.Personal)
	d.Measured, d.Seed = isGiven(row.Measurement) && !row.Withdrew, v.secrets.seedOf(row.Hash)
	if d.Offers, err = v.device.offers(tx, 0, maxAccepted); err != nil {
		return nil, err
	}
	d.Answers, err = tx.Answers(row.Hash)
	return d, err
}

// maxRounds is how often a choice is made again, since something that was chosen is used up.
const maxRounds = 8

// choose picks answers of which the store says that they may be shown. What it cannot be asked about in so many rounds
// is left out: the next visit goes on.
func (v *visit) choose(tx store.Tx, in *answer.Catalogue, d *answer.Device) (answer.Choice, error) {
	if again := v.catalogues.usedUp.oldest(v.now); again != "" {
		if _, err := v.catalogues.usedUp.look(tx, again, v.now); err != nil {
			return answer.Choice{}, err
		}
	}
	full := map[string]bool{}
	for round := 1; ; round++ {
		shown := in.Choose(d, answer.Known{UsedUp: v.catalogues.usedUp.campaigns(), Full: full}, v.now)
		out, err := v.verify(tx, shown.Answers, full)
		if err != nil || len(out) == 0 {
			return shown, err
		}
		if round == maxRounds {
			shown.Answers = slices.DeleteFunc(shown.Answers, func(a answer.Answer) bool { return out[a.Name] })
			return shown, nil
		}
	}
}

// verify asks the store about what is limited, and names the answers that may not be shown. Those that were shown in
// all as often as they may be it adds to full.
func (v *visit) verify(tx store.Tx, answers []answer.Answer, full map[string]bool) (map[string]bool, error) {
	out := map[string]bool{}
	for _, a := range sortAnswers(answers) {
		used, err := v.isUsed(tx, a.Offered)
		if err != nil {
			return nil, err
		}
		if a.Cap.Total > 0 && a.IsNew {
			times, err := tx.ShownInAll(a.Name)
			if err != nil {
				return nil, err
			}
			if full[a.Name] = times >= a.Cap.Total; full[a.Name] {
				used = true
			}
		}
		if used {
			out[a.Name] = true
		}
	}
	return out, nil
}

// sortAnswers returns answers by their names, which is the order in which all transactions lock them.
func sortAnswers(answers []answer.Answer) []answer.Answer {
	return slices.SortedFunc(slices.Values(answers), func(a, b answer.Answer) int { return cmp.Compare(a.Name, b.Name) })
}

func (v *visit) isUsed(tx store.Tx, c *store.Campaign) (bool, error) {
	if c == nil || c.Limit == 0 && c.Budget == 0 || v.catalogues.usedUp.isOpen(c.ID, v.now) {
		return false, nil
	}
	return v.catalogues.usedUp.look(tx, c.ID, v.now)
}

// write counts what the device was not shown today, has it enter trials, and drops what is long ago.
func (v *visit) write(tx store.Tx, d *answer.Device, answers []answer.Answer) error {
	hash := v.device.hash()
	before := map[string]*store.Answer{}
	var rows []store.Answer
	var old []string
	for i := range d.Answers {
		row := &d.Answers[i]
		before[row.Name] = row
		if left := *row; !v.kept.Prune(&left, v.now) {
			old = append(old, row.Name)
		}
	}
	var sums posting.Sums
	for _, a := range sortAnswers(answers) {
		if begins := a.Begins; begins != nil {
			begins.Device = hash
			rows = append(rows, *begins)
			sums.Measure(store.Measure{Campaign: begins.Offer, Arm: begins.Trial.Arm, Eligible: 1})
		}
		if !isShown(a) {
			continue
		}
		rows = append(rows, a.Count(hash, before[a.Name], v.now))
		sums.Add(store.Tally{Campaign: a.Campaign, Day: posting.DayOf(v.now), Shown: 1}, 1)
		if err := v.countInAll(tx, &a); err != nil {
			return err
		}
	}
	for i := range rows {
		v.kept.Schedule(&rows[i])
	}
	if err := tx.DropAnswers(hash, old); err != nil {
		return err
	}
	if err := tx.PutAnswers(rows); err != nil {
		return err
	}
	return tx.Post(sums.Posting())
}

func (v *visit) countInAll(tx store.Tx, a *answer.Answer) error {
	if a.Cap.Total == 0 {
		return nil
	}
	times, err := tx.ShownInAll(a.Name)
	if err != nil {
		return err
	}
	return tx.PutShownInAll(a.Name, times+1)
}

// tell says what was chosen as the contract does.
func (v *visit) tell(shown *answer.Choice) wire.Visit {
	told := wire.Visit{Matches: []wire.Match{}, Answers: []wire.Shown{}}
	for _, m := range shown.Matches {
		told.Matches = append(told.Matches, wire.Match{Offer: publicName(m.Offer.ID), Campaign: m.Offer.Campaign,
			Place: m.Use.Place, Redeemed: m.Use.Redeemed, Given: m.Use.Given})
	}
	for i := range shown.Answers {
		if shown.Answers[i].Held {
			continue
		}
		told.Answers = append(told.Answers, v.wireShown(&shown.Answers[i]))
	}
	return told
}

func (v *visit) wireShown(a *answer.Answer) wire.Shown {
	told := wire.Shown{Kind: "ad", Title: a.Title, Text: a.Text, Why: wire.Why{Rule: ruleNew, Text: a.Reason}}
	if a.Ad != nil {
		told.ID, told.Link = a.Ad.ID, a.Ad.Link
	} else {
		told.Kind, told.ID, told.Terms = "offer", a.Offered.ID, a.Offered.Terms
		told.Shop = v.catalogues.shop(a.Offered.Merchant)
	}
	if a.Because != nil {
		told.Why.Rule, told.Why.Offer = ruleRedeemed, publicName(a.Because.Offer.ID)
		told.Why.Campaign = a.Because.Offer.Campaign
	}
	if v.device.secret != "" {
		told.Token = v.secrets.answerToken(v.device.hash(), a.Name, v.now)
	}
	return told
}
