package decision_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// A cause is one way in which a reason comes about.
type cause struct {
	name    string
	code    fault.Code
	outcome decision.Outcome
	set     func(*scene)
	// slots are what it sets, and no two causes that set the same are put together.
	slots []string
}

var spent = func() trust.Filter {
	f, err := trust.NewFilter(trust.Offers{IDs: []offer.ID{passID, codeID}, Aliases: []string{couponAlias}})
	if err != nil {
		panic(err)
	}
	return f
}()

var errRot = fault.New(fault.Damaged, "", "rotten")

// misread are texts that cannot be read, and why.
var misread = map[fault.Code]string{
	fault.Unreadable: "ol1:6bf", fault.NotAnOffer: "4012345000009", fault.TooLarge: string(make([]byte, 4097)),
	fault.Mistyped: "A" + (offer.ID{1}).Code()[1:], fault.Malformed: "OL1:00", fault.UnsupportedVersion: "OL2:00",
	fault.Swapped:      swapped((offer.ID{1, 2, 3, 4, 5}).Code()),
	fault.Ambiguous:    "]C125595012345678914711\x1d8112001234561234560123456",
	fault.NotCanonical: asPass(map[int]any{1: -8, 4: []byte("k"), 16: 61}, map[int]any{99: 1}),
	fault.Algorithm:    asPass(map[int]any{1: -7}, map[int]any{}),
	fault.CriticalHeader: asPass(map[int]any{1: -8, 2: []any{99}, 4: []byte("k"), 16: 61, 99: 1},
		map[int]any{}),
}

// causes are all ways in which each reason comes about.
func causes() []cause {
	all := slices.Concat(ofTheText(), ofTheBundle(), ofTheTime(), ofTheSale(), ofTheLedger(), ofTheHub(), ofLimits())
	for code, text := range misread {
		all = append(all, cause{string(code), code, decision.Refuse, func(s *scene) { s.request.Scanned = text },
			[]string{"text"}})
	}
	return all
}

func ofTheText() []cause {
	return []cause{
		{"forged", fault.Forged, decision.Refuse, func(s *scene) { s.by = forger }, []string{"text"}},
		{"unknown issuer", fault.UnknownIssuer, decision.Ask, func(s *scene) { s.by = stranger }, []string{"text"}},
		{"issuer's key", fault.IssuerKeyExpired, decision.Refuse, func(s *scene) { s.keys[0].NotBefore = noon },
			[]string{"text"}},
		{"short code", fault.Unproven, decision.Ask, func(s *scene) { s.request.Scanned = codeID.Code() },
			[]string{"text", "unproven"}},
		{"positive offer", fault.PurchaseUnknown, decision.Ask, func(s *scene) {
			s.request.Scanned = coupon
			s.campaigns(func(c *trust.Campaign) { c.Unproven = number(2) })
		}, []string{"text", "terms", "unproven"}},
		{"other merchant", fault.OtherMerchant, decision.Refuse, func(s *scene) { s.pass.Audience = []string{"m-2"} },
			[]string{"text"}},
		{"store of the pass", fault.OtherStore, decision.Refuse, func(s *scene) { s.pass.Stores = []string{"s-2"} },
			[]string{"text"}},
	}
}

func ofTheBundle() []cause {
	return []cause{
		{"store of the campaign", fault.OtherStore, decision.Refuse, func(s *scene) {
			s.campaigns(func(c *trust.Campaign) { c.Stores = []string{"s-2"} })
		}, nil},
		{"no agreement", fault.NoAgreement, decision.Ask, func(s *scene) {
			s.pass.Owner = "m-2"
			s.campaigns(func(c *trust.Campaign) { c.Owner = "m-2" })
		}, nil},
		{"revoked", fault.Revoked, decision.Refuse, func(s *scene) {
			s.bundle.RevokedCampaigns = []string{"positive", "spring"}
		},
			nil},
		{"old bundle", fault.BundleTooOld, decision.Ask, func(s *scene) {
			s.policy.MaxBundleAge, s.bundle.Made = time.Minute, noon.Add(-time.Hour)
		}, nil},
		{"elsewhere", fault.RedeemedElsewhere, decision.Ask, func(s *scene) { s.bundle.Spent = spent },
			[]string{"elsewhere"}},
	}
}

func ofTheTime() []cause {
	return []cause{
		{"clock", fault.ClockUntrusted, decision.Ask, func(s *scene) {
			s.facts.Time = record.Evidence{Wall: noon.Add(-time.Hour).UnixMilli(),
				Earliest: noon.Add(-10 * time.Minute).UnixMilli()}
		}, []string{"time"}},
		{"claim", fault.ClockUntrusted, decision.Ask, func(s *scene) {
			s.facts.Claimed = noon.Add(48 * time.Hour).UnixMilli()
		}, []string{"text"}},
		{"expired", fault.Expired, decision.Refuse, func(s *scene) {
			s.campaigns(func(c *trust.Campaign) { c.NotAfter = noon.Add(-time.Hour) })
		}, []string{"validity"}},
		{"not yet valid", fault.NotYetValid, decision.Refuse, func(s *scene) {
			s.campaigns(func(c *trust.Campaign) { c.NotBefore = noon.Add(time.Hour) })
		}, []string{"validity"}},
		{"not set up", fault.NotEnrolled, decision.Ask, func(s *scene) {
			s.facts.SetUp, s.keys, s.facts.Time = false, nil, record.Evidence{Wall: noon.UnixMilli()}
		}, []string{"time"}},
	}
}

func ofTheSale() []cause {
	off := terms.Terms{Kind: terms.AmountOff, Amount: 1, Currency: "EUR"}
	return []cause{
		{"currency", fault.OtherCurrency, decision.Refuse, func(s *scene) {
			s.request.Sale = lines("CHF", 500)
			s.campaigns(func(c *trust.Campaign) { c.Terms = off })
		}, []string{"terms"}},
		{"minimum", fault.NothingEligible, decision.Refuse, func(s *scene) {
			s.request.Sale = lines("CHF", 500)
			s.campaigns(func(c *trust.Campaign) {
				c.Terms = terms.Terms{Kind: terms.FreeItem, MinSpend: 501, Currency: "CHF"}
			})
		}, []string{"terms"}},
		{"above the terms", fault.OverTerms, decision.Ask, func(s *scene) {
			s.request.Given = record.Money{Amount: 3, Currency: "EUR"}
			s.campaigns(func(c *trust.Campaign) { c.Terms = off })
		}, []string{"terms"}},
		{"training", fault.Training, decision.Allow, func(s *scene) { s.request.Training = true }, nil},
		{"blocked", fault.Blocked, decision.Refuse, func(s *scene) { s.facts.Blocked = errors.New("blocked") }, nil},
	}
}

func ofTheLedger() []cause {
	return []cause{
		{"no use left", fault.AlreadyRedeemed, decision.Refuse, func(s *scene) { s.ledger.Used = 1 }, []string{"uses"}},
		{"reserved", fault.Reserved, decision.Refuse, func(s *scene) {
			s.ledger.Holds = []decision.Hold{{Reservation: record.ID{1}, SaleKey: "other"}}
		}, []string{"uses"}},
		{"too many uses", fault.OverLimit, decision.Refuse, func(s *scene) { s.request.Uses = 2 }, []string{"uses"}},
		{"exclusive", fault.NotCombinable, decision.Refuse, func(s *scene) {
			rec := another(sold(time.Minute))
			rec.Exclusive = true
			s.ledger.Sale = []decision.Sold{{Record: rec}}
		}, []string{"sale"}},
		{"key of an earlier sale", fault.Conflict, decision.Refuse, func(s *scene) {
			s.ledger.Sale = []decision.Sold{{Record: sold(21 * time.Hour)}}
		}, []string{"sale", "text", "time"}},
		{"rotten sale", fault.Damaged, decision.Ask, func(s *scene) { s.ledger.SaleErr = errRot }, []string{"rot"}},
		{"rotten offer", fault.Damaged, decision.Ask, func(s *scene) { s.ledger.OfferErr = errRot }, []string{"rot"}},
		{"rotten journal", fault.Damaged, decision.Ask, func(s *scene) {
			s.policy.PerHour, s.ledger.Counters.Partial = number(1<<20), true
		}, []string{"rot", "perHour"}},
		{"forgotten", fault.MayHaveForgotten, decision.Ask, func(s *scene) {
			s.ledger.Forgotten = decision.Forgotten{Cause: record.CauseMark}
		}, []string{"forgotten"}},
		{"lost", fault.MayHaveForgotten, decision.Ask, func(s *scene) { s.ledger.Forgotten.Shrunk = true },
			[]string{"forgotten"}},
	}
}

func ofTheHub() (all []cause) {
	for _, c := range []struct {
		answer  record.ClaimAnswer
		code    fault.Code
		outcome decision.Outcome
	}{
		{record.ClaimAnswer{Result: record.ClaimTaken}, fault.RedeemedElsewhere, decision.Refuse},
		{record.ClaimAnswer{Result: record.ClaimReserved}, fault.Reserved, decision.Refuse},
		{record.ClaimAnswer{Result: record.ClaimSilent}, fault.LaneSilent, decision.Ask},
		{record.ClaimAnswer{Result: record.ClaimMissing}, fault.LaneSilent, decision.Ask},
		{record.ClaimAnswer{Result: record.ClaimDiffers}, fault.UsesDiffer, decision.Ask},
		{record.ClaimAnswer{Result: record.ClaimGranted, Overrode: record.ClaimSilent}, fault.LaneSilent, decision.Ask},
	} {
		all = append(all, cause{"hub " + string(c.answer.Result) + string(c.answer.Overrode), c.code, c.outcome,
			func(s *scene) { s.ledger.Hub = &decision.HubWord{Answer: c.answer} }, []string{"hub", "elsewhere", "uses"}})
	}
	return append(all, cause{"without the hub", fault.HubUnreachable, decision.Ask, func(s *scene) {
		s.policy.WithoutHub, s.used["withoutHub"] = number(1), number(1)
		s.ledger.Hub = &decision.HubWord{Away: true}
	}, []string{"hub"}})
}

func ofLimits() []cause {
	return []cause{
		{"perHour", fault.OverLimit, decision.Ask, func(s *scene) {
			s.policy.PerHour, s.used["perHour"] = number(1), number(1)
		}, []string{"perHour"}},
		{"unreported", fault.OverLimit, decision.Ask, func(s *scene) {
			s.policy.Unreported, s.used["unreported"] = number(1), number(1)
		}, nil},
		{"perCampaign", fault.OverLimit, decision.Ask, func(s *scene) {
			s.campaigns(func(c *trust.Campaign) { c.Offline = number(1) })
			s.used["perCampaign"] = number(1)
		}, nil},
		{"silence", fault.OverLimit, decision.Ask, func(s *scene) {
			s.policy.MaxUnreported, s.ledger.Counters.Waiting = time.Hour, time.Hour+1
		}, nil},
		{"unproven", fault.Unproven, decision.Ask, func(s *scene) {
			s.request.Scanned = codeID.Code()
			s.policy.UnprovenPerDay, s.used["unprovenPerDay"] = number(1), number(1)
		}, []string{"text", "unproven"}},
	}
}

// instead are the pairs that come to something else than both reasons.
var instead = map[string][]string{
	"no agreement+other merchant": {"other-merchant refuse"}, // that it is for nobody here is said
	"clock+not yet valid":         {"clock-untrusted ask", "not-yet-valid ask"},
	"claim+not yet valid":         {"clock-untrusted ask", "clock-untrusted ask"},
	"not set up+not yet valid":    {"not-enrolled ask"},
	"expired+not set up":          {"not-enrolled ask"},
	"not set up+old bundle":       {"not-enrolled ask"},
	"not set up+short code":       {"not-enrolled ask"},
	"not set up+unproven":         {"not-enrolled ask"},
	"not set up+unknown issuer":   {"not-enrolled ask"},
	"claim+not set up":            {"not-enrolled ask"},
	"forged+not set up":           {"not-enrolled ask"}, // no key shows it
	"issuer's key+not set up":     {"not-enrolled ask"},
	"revoked+short code":          {"unproven ask"}, // of a code no campaign is known
	"revoked+unproven":            {"unproven ask"},
}

// expected are the reasons of causes that are there together.
func expected(together ...cause) (all []string) {
	names := []string{}
	for _, c := range together {
		names = append(names, c.name)
		if misread[c.code] != "" || c.code == fault.Conflict {
			all = append(all, c.says())
		}
	}
	trained := slices.IndexFunc(together, func(c cause) bool { return c.code == fault.Training })
	if len(all) > 0 { // it is said alone
		if trained >= 0 && misread[together[1-trained].code] != "" {
			all = append(all, together[trained].says())
		}
		return all
	}
	slices.Sort(names)
	if other, ok := instead[strings.Join(names, "+")]; ok {
		return other
	}
	for _, c := range together {
		all = append(all, c.says())
	}
	return all
}

func (c cause) says() string { return string(c.code) + " " + string(c.outcome) }

func said(d decision.Decision) (all []string) {
	for _, r := range d.Reasons {
		all = append(all, string(r.Code)+" "+string(r.Outcome))
	}
	return all
}

func worst(reasons []string) decision.Outcome {
	for _, outcome := range []decision.Outcome{decision.Refuse, decision.Ask} {
		if slices.ContainsFunc(reasons, func(r string) bool { return strings.HasSuffix(r, string(outcome)) }) {
			return outcome
		}
	}
	return decision.Allow
}

func TestWithoutACauseItIsAllowed(t *testing.T) {
	d := newScene().decide(t)
	assert.Equal(t, decision.Allow, d.Outcome, d.String())
	assert.Empty(t, d.Reasons, "nothing speaks against it")
	assert.True(t, d.Proven, "the signature shows it")
	assert.Equal(t, "Spring", d.Title, "the campaign's title")
}

func TestEveryReasonAlone(t *testing.T) {
	for _, c := range causes() {
		t.Run(c.name, func(t *testing.T) {
			checkReasons(t, c)
		})
	}
}

func TestEveryPairOfReasons(t *testing.T) {
	all := causes()
	for i, a := range all {
		for _, b := range all[i+1:] {
			if !slices.ContainsFunc(a.slots, func(slot string) bool { return slices.Contains(b.slots, slot) }) {
				checkReasons(t, a, b)
			}
		}
	}
}

// checkReasons decides where causes are there together: with nobody's word, with a manager's, and where nobody is
// there.
func checkReasons(t *testing.T, together ...cause) {
	t.Helper()
	want := expected(together...)
	about := ""
	for _, c := range together {
		about += c.name + ", "
	}
	for _, word := range []bool{false, true} {
		s := newScene()
		for _, c := range together {
			c.set(s)
		}
		if word {
			s.request.Override = &decision.Override{Manager: "12", Why: "known"}
		}
		d := s.decide(t)
		require.ElementsMatch(t, want, said(d), about)
		outcome := worst(want)
		if word && outcome == decision.Ask {
			outcome = decision.Allow
		}
		require.Equal(t, outcome, d.Outcome, about)
		require.True(t, slices.IsSortedFunc(d.Reasons, graver), "the gravest first: %s%v", about, said(d))
		require.Equal(t, slices.ContainsFunc(want, func(r string) bool { return r == "training allow" }), d.Training, about)
		for _, r := range d.Reasons {
			require.NotEmpty(t, r.Detail, about)
		}
	}
	checkUnattended(t, about, want, together)
}

func graver(a, b decision.Reason) int {
	weight := map[decision.Outcome]int{decision.Refuse: 2, decision.Ask: 1}
	if a.Code == fault.Training || b.Code == fault.Training {
		return 0 // it comes last
	}
	return weight[b.Outcome] - weight[a.Outcome]
}

func checkUnattended(t *testing.T, about string, want []string, together []cause) {
	s := newScene()
	for _, c := range together {
		c.set(s)
	}
	s.policy.Unattended = true
	d := s.decide(t)
	outcome := worst(want)
	if outcome == decision.Ask {
		outcome = decision.Refuse
	}
	require.Equal(t, outcome, d.Outcome, "unattended: %s", about)
	for _, r := range d.Reasons {
		require.NotEqual(t, decision.Ask, r.Outcome, "nobody is there to be asked: %s%s", about, r.Code)
	}
}

// Of reasons of one gravity the first rule's comes first; that the terminal is blocked comes before all.
func TestOrderOfReasons(t *testing.T) {
	s := newScene()
	for _, c := range causes() {
		if slices.Contains([]string{"blocked", "exclusive", "revoked", "store of the campaign", "no use left"}, c.name) {
			c.set(s)
		}
	}
	assert.Equal(t, "refuse blocked other-store revoked not-combinable already-redeemed", s.decide(t).String())
}

// asPass writes a COSE_Sign1 (RFC 9052) with these headers as a pass is shown, whatever it is worth.
func asPass(protected, unprotected map[int]any) string {
	encode := func(v any) []byte {
		mode, err := cbor.CoreDetEncOptions().EncMode()
		if err == nil {
			var raw []byte
			if raw, err = mode.Marshal(v); err == nil {
				return raw
			}
		}
		panic(err)
	}
	data := encode(cbor.Tag{Number: 18, Content: []any{encode(protected), unprotected, []byte{0xa0}, make([]byte, 64)}})
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	text := "OL1:"
	for ; len(data) > 1; data = data[2:] {
		n := int(data[0])<<8 | int(data[1])
		text += string(alphabet[n%45]) + string(alphabet[n/45%45]) + string(alphabet[n/45/45])
	}
	if len(data) == 1 {
		text += string(alphabet[data[0]%45]) + string(alphabet[data[0]/45])
	}
	return text
}

// swapped exchanges the first two neighbours that differ.
func swapped(code string) string {
	for i := 1; i < len(code); i++ {
		if code[i] != code[i-1] {
			return code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:]
		}
	}
	panic(fmt.Sprintf("all symbols of %s are the same", code))
}
