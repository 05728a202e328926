package answer

import (
	"slices"

	"github.com/offlane/offlane/transport/backend/store"
)

// MaxAnswers is how many answers a device is shown at once. maxTried bounds how many follow-ups a choice looks at, so
// that a device that redeemed much among very many follow-ups costs no more.
const (
	MaxAnswers = 12
	maxTried   = 2000
)

// A Device is what is known of a device that asks.
type Device struct {
	// Personal says that the customer agreed to answers chosen because of what is redeemed.
	Personal bool
	// Measured says that the customer agreed to measurement, and Seed is a keyed hash of the device, by which trials draw.
	Measured bool
	Seed     []byte
	// Origin is where a page has the device; "": the backend's own, or an app.
	Origin string
	// Offers are all that it holds, the newest first.
	Offers []store.Offer
	// Answers are what it was shown.
	Answers []store.Answer
	// Languages are those that the customer reads, the best first, as BCP 47 tags in lower case.
	Languages []string
}

// Known is what is known of all devices together at the moment of a choice; it is not changed.
type Known struct {
	// UsedUp are campaigns of which no offer can be accepted any more for their limit or budget.
	UsedUp map[string]bool
	// Full are the answers that were shown in all as often as they may be.
	Full map[string]bool
}

// A Choice is what a device is shown.
type Choice struct {
	Matches []Match
	Answers []Answer
}

// A Match is a redemption of an offer that the device holds.
type Match struct {
	Offer *store.Offer
	Use   *store.Use
}

// An Answer is an ad, or the offer of a campaign.
type Answer struct {
	// Name names it. Campaign is whose follow-up it is; empty: it stands under "New".
	Name     string
	Campaign string
	// Ad is set where it is one, else Offered is the campaign.
	Ad      *store.Ad
	Offered *store.Campaign
	Title   string
	Text    string
	// Because is the redemption that it follows from, and Reason says that in a sentence.
	Because *Match
	Reason  string
	// IsNew says that the device was not shown it today, so that it counts; Cap is what bounds that.
	IsNew bool
	Cap   store.Cap
	// Held says that it is not shown, since the device is held out of the campaign's trial. Begins is the row of a trial
	// that the device enters now, without the device; nil: it enters none.
	Held   bool
	Begins *store.Answer
}

// A choosing is one run of Choose.
type choosing struct {
	*Catalogue
	*Device
	known    Known
	now      int64
	shown    map[string]*store.Answer // by name
	quiet    map[string]bool          // campaigns that were dismissed
	held     map[string]Holding
	redeemed []Match // those that may be answered, the newest first
	taken    map[string]bool
}

// A Holding is what a device has of one campaign: offers that can be redeemed, and those that count toward a limit.
type Holding struct {
	Open, Counted int
}

// Choose picks what a device is shown at a moment in milliseconds since 1970. Without the customer's word that answers
// may be personal nothing is matched.
func (c *Catalogue) Choose(d *Device, known Known, now int64) Choice {
	run := &choosing{Catalogue: c, Device: d, known: known, now: now, shown: map[string]*store.Answer{},
		quiet: map[string]bool{}, held: Holdings(d.Offers, now), taken: map[string]bool{}}
	for i := range d.Answers {
		a := &d.Answers[i]
		if run.shown[a.Name] = a; now < a.Quiet && a.Offer != "" {
			run.quiet[a.Offer] = true
		}
	}
	var choice Choice
	if d.Personal {
		choice.Matches = run.match()
		choice.Answers = run.follow()
	}
	choice.Answers = run.fill(choice.Answers)
	return choice
}

// Holdings are what a device has of each campaign. Offers that ended or were revoked before any use count for nothing.
func Holdings(offers []store.Offer, now int64) map[string]Holding {
	held := map[string]Holding{}
	for i := range offers {
		o := &offers[i]
		h := held[o.Campaign]
		isOpen := o.Revoked == 0 && !o.IsSpent() && now < o.NotAfter
		if isOpen {
			h.Open++
		}
		if isOpen || len(o.Uses) > 0 {
			h.Counted++
		}
		held[o.Campaign] = h
	}
	return held
}

// match lists the redemptions of what the device holds, and keeps those that may be answered.
func (c *choosing) match() (all []Match) {
	for i := range c.Offers {
		o := &c.Offers[i]
		of := c.campaigns[o.Campaign]
		if of == nil {
			continue
		}
		for j := range o.Uses {
			m := Match{o, &o.Uses[j]}
			all = append(all, m)
			if c.mayAnswer(of, m.Use.Place.Merchant) {
				c.redeemed = append(c.redeemed, m)
			}
		}
	}
	slices.SortStableFunc(c.redeemed, func(a, b Match) int { return int(sign(b.Use.Redeemed - a.Use.Redeemed)) })
	return all
}

func sign(n int64) int64 { return min(max(n, -1), 1) }

// follow picks the answers to redemptions.
func (c *choosing) follow() (answers []Answer) {
	lists := c.lists()
	for range maxTried {
		f := next(lists)
		if f == nil || len(answers) == MaxAnswers {
			break
		}
		if a, ok := c.try(f); ok {
			answers = append(answers, a)
		}
	}
	return answers
}

// lists are the lists of follow-ups that can answer the redemptions, each once. Each is in the order of the ranks.
func (c *choosing) lists() (lists [][]*followUp) {
	seen := map[[2]string]bool{}
	add := func(kind, key string, in map[string][]*followUp) {
		if list := in[key]; len(list) > 0 && !seen[[2]string{kind, key}] {
			seen[[2]string{kind, key}] = true
			lists = append(lists, list)
		}
	}
	for _, m := range c.redeemed {
		of := c.campaigns[m.Offer.Campaign]
		add("campaign", of.ID, c.byCampaign)
		add("category", of.Category, c.byCategory)
		add("merchant", of.Merchant, c.byMerchant)
		add("merchant", m.Use.Place.Merchant, c.byMerchant)
	}
	return lists
}

// next takes the follow-up with the lowest rank off the lists; nil: there is none.
func next(lists [][]*followUp) *followUp {
	best := -1
	for i, list := range lists {
		if len(list) > 0 && (best < 0 || list[0].rank < lists[best][0].rank) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	f := lists[best][0]
	lists[best] = lists[best][1:]
	return f
}

// fill adds open campaigns under "New".
func (c *choosing) fill(answers []Answer) []Answer {
	for _, of := range c.newest {
		if len(answers) >= MaxAnswers {
			break
		}
		_, has := c.held[of.ID]
		if has || !c.mayOffer(of) || c.holds(c.shown[TrialOf(of.ID)]) || !c.take("offer "+of.ID) {
			continue
		}
		words := Words(of, c.Languages)
		answers = append(answers, Answer{Name: newPrefix + of.ID, Offered: of, Title: words.Title, Text: words.Text,
			Reason: c.fresh()})
	}
	return answers
}

// take reports whether nothing with the same key stands there yet, and notes that something does.
func (c *choosing) take(key string) bool {
	if c.taken[key] {
		return false
	}
	c.taken[key] = true
	return true
}
