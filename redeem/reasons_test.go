package redeem_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// A setting is how one reason comes about. What is nil stays as it is in a shop where everything is well.
type setting struct {
	outcome decision.Outcome
	shop    func(*shop)                            // before the terminal is opened
	bundle  func(*trust.Bundle)                    // the backend's
	pass    func(*offer.Pass)                      // what is presented
	scanned string                                 // instead of a pass
	by      *offer.Issuer                          // instead of the one that is known
	before  func(*testing.T, *shop, *till, string) // after the terminal was online
	request func(*redeem.Request)
	alone   bool // the till was never online
}

// A till is a terminal for short.
type till = redeem.Terminal

// reasons are all codes that a decision of a terminal may name.
func reasons() map[fault.Code]setting {
	other := offer.Issuer{Name: issuer.Name, KeyID: issuer.KeyID, Private: key(9)}
	stranger := offer.Issuer{Name: "stranger", KeyID: "x", Private: key(9)}
	early := func(k *offer.Key) { k.NotBefore = noon }
	spent := offer.ID{0x51}
	sale := terms.Sale{Currency: "CHF", Lines: []terms.Line{{Amount: 500}}}
	once := func(t *testing.T, terminal *till, r redeem.Request) {
		d, err := terminal.Redeem(t.Context(), r)
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
	}
	return map[fault.Code]setting{
		fault.Unreadable: {outcome: redeem.Refuse, scanned: "ol1:6bf"},
		fault.NotAnOffer: {outcome: redeem.Refuse, scanned: "4012345000009"},
		fault.TooLarge:   {outcome: redeem.Refuse, scanned: string(make([]byte, 4097))},
		fault.Mistyped:   {outcome: redeem.Refuse, scanned: "A" + (offer.ID{1}).Code()[1:]},
		fault.Swapped:    {outcome: redeem.Refuse, scanned: swapped((offer.ID{1, 2, 3, 4, 5}).Code())},
		fault.Malformed:  {outcome: redeem.Refuse, scanned: "OL1:00"},
		fault.Ambiguous:  {outcome: redeem.Refuse, scanned: gcn("4711") + "\x1d8112001234561234560123456"},
		fault.NotCanonical: {outcome: redeem.Refuse, scanned: asPass(map[int]any{1: -8, 4: []byte("k"), 16: 61},
			map[int]any{99: 1})},
		fault.Algorithm: {outcome: redeem.Refuse, scanned: asPass(map[int]any{1: -7}, map[int]any{})},
		fault.CriticalHeader: {outcome: redeem.Refuse,
			scanned: asPass(map[int]any{1: -8, 2: []any{99}, 4: []byte("k"), 16: 61, 99: 1}, map[int]any{})},
		fault.UnsupportedVersion: {outcome: redeem.Refuse, scanned: "OL2:00"},
		fault.Forged:             {outcome: redeem.Refuse, by: &other},
		fault.UnknownIssuer:      {outcome: redeem.Ask, by: &stranger},
		fault.IssuerKeyExpired:   {outcome: redeem.Refuse, bundle: func(b *trust.Bundle) { early(&b.Keys[0]) }},
		fault.Unproven:           {outcome: redeem.Ask, scanned: (offer.ID{1}).Code()},
		fault.AlreadyRedeemed: {outcome: redeem.Refuse, before: func(t *testing.T, _ *shop, terminal *till, scanned string) {
			once(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "first"})
		}},
		fault.RedeemedElsewhere: {outcome: redeem.Ask, pass: func(p *offer.Pass) { p.ID = spent },
			bundle: func(b *trust.Bundle) {
				b.Spent, _ = trust.NewFilter(trust.Offers{IDs: []offer.ID{spent}})
			}},
		fault.Reserved: {outcome: redeem.Refuse, before: func(t *testing.T, _ *shop, terminal *till, scanned string) {
			d, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "first"}, time.Hour)
			require.NoError(t, err)
			require.Equal(t, redeem.Allow, d.Outcome)
		}},
		fault.Expired:       {outcome: redeem.Refuse, pass: func(p *offer.Pass) { p.NotAfter = noon }},
		fault.NotYetValid:   {outcome: redeem.Refuse, pass: func(p *offer.Pass) { p.NotBefore = noon.Add(time.Second) }},
		fault.OtherMerchant: {outcome: redeem.Refuse, pass: func(p *offer.Pass) { p.Audience = []string{"m-2"} }},
		fault.NoAgreement:   {outcome: redeem.Ask, pass: func(p *offer.Pass) { p.Owner = "m-2" }},
		fault.OtherStore:    {outcome: redeem.Refuse, pass: func(p *offer.Pass) { p.Stores = []string{"s-2"} }},
		fault.Revoked: {outcome: redeem.Refuse,
			bundle: func(b *trust.Bundle) { b.RevokedCampaigns = []string{"spring"} }},
		fault.BundleTooOld: {
			outcome: redeem.Ask, shop: func(s *shop) { s.cfg.Policy.MaxBundleAge = time.Minute },
			bundle: func(b *trust.Bundle) { b.Made = noon.Add(-time.Hour) },
		},
		fault.ClockUntrusted: {outcome: redeem.Ask, before: func(_ *testing.T, s *shop, _ *till,
			_ string) {
			s.clock.set(noon.Add(-time.Hour))
		}},
		fault.OverLimit: {outcome: redeem.Ask, shop: func(s *shop) { s.cfg.Policy.PerHour.Number = 1 },
			before: func(t *testing.T, _ *shop, terminal *till, _ string) {
				once(t, terminal, redeem.Request{Scanned: pass(t, nil), SaleKey: "first"})
			}},
		fault.OtherCurrency: {outcome: redeem.Refuse, request: func(r *redeem.Request) { r.Sale = sale },
			pass: func(p *offer.Pass) { p.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 1, Currency: "EUR"} }},
		fault.NothingEligible: {outcome: redeem.Refuse, request: func(r *redeem.Request) { r.Sale = sale },
			pass: func(p *offer.Pass) { p.Terms = terms.Terms{Kind: terms.FreeItem, MinSpend: 501, Currency: "CHF"} }},
		fault.PurchaseUnknown: {outcome: redeem.Ask, scanned: "]e08112001234561234560123456", bundle: func(b *trust.Bundle) {
			b.Campaigns = append(b.Campaigns, trust.Campaign{Name: "positive", Prefixes: []string{"8112:"},
				Unproven: trust.Allowance{Number: 1}})
		}},
		fault.NotCombinable: {outcome: redeem.Refuse,
			pass: func(p *offer.Pass) { p.Terms = terms.Terms{Kind: terms.FreeItem} },
			before: func(t *testing.T, _ *shop, terminal *till, _ string) {
				once(t, terminal, redeem.Request{Scanned: pass(t, nil), SaleKey: "sale"})
			}},
		fault.OverTerms: {outcome: redeem.Ask, request: func(r *redeem.Request) {
			r.Given = record.Money{Amount: 2,
				Currency: "EUR"}
		},
			pass: func(p *offer.Pass) { p.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 1, Currency: "EUR"} }},
		fault.NotEnrolled: {outcome: redeem.Ask, alone: true},
		fault.Conflict: {outcome: redeem.Refuse, before: func(t *testing.T, s *shop, terminal *till, scanned string) {
			once(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "sale"})
			s.clock.pass(20*time.Hour + time.Second)
		}},
		fault.Damaged: {outcome: redeem.Ask, before: func(t *testing.T, s *shop, terminal *till, scanned string) {
			_, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "first"}, time.Hour)
			require.NoError(t, err)
			rot(t, s.disk.(*vfs.Memory), s.dir)
		}},
		fault.MayHaveForgotten: {outcome: redeem.Ask, before: func(t *testing.T, s *shop, terminal *till, _ string) {
			s.desk.spoil = func(a record.Answer) (record.Answer, error) { a.Last = new(uint64(7)); return a, nil }
			once(t, terminal, redeem.Request{Scanned: pass(t, nil), SaleKey: "first"})
			require.NoError(t, terminal.ReportNow(t.Context()))
		}},
		fault.Training: {outcome: redeem.Allow, request: func(r *redeem.Request) { r.Training = true }},
	}
}

// remedies are the words with which each reason says what to do, in its detail.
var remedies = map[fault.Code]string{
	fault.Unreadable: "switch caps lock off", fault.NotAnOffer: "hand it on", fault.PurchaseUnknown: "ask a manager",
	fault.TooLarge: "no offer has more", fault.Mistyped: "type it again", fault.Swapped: "are swapped",
	fault.Malformed: "it is no COSE_Sign1",
	fault.Forged:    "did not issue", fault.UnknownIssuer: "get a newer trust bundle",
	fault.IssuerKeyExpired: "not in force",
	fault.Ambiguous:        "two coupons", fault.NotCanonical: "unprotected header", fault.Algorithm: "not with Ed25519",
	fault.CriticalHeader: "does not know", fault.UnsupportedVersion: "update",
	fault.Unproven: "scan its pass instead", fault.AlreadyRedeemed: "void that first",
	fault.RedeemedElsewhere: "ask a manager",
	fault.Reserved:          "finish that one, or release it", fault.Expired: "what else there is",
	fault.NotYetValid:   "from then on",
	fault.OtherMerchant: "redeemed there", fault.NoAgreement: "install a trust bundle", fault.OtherStore: "redeemed there",
	fault.Revoked:      "what else there is",
	fault.BundleTooOld: "report, or install one", fault.ClockUntrusted: "report", fault.OverLimit: "report",
	fault.OtherCurrency: "the offer is in", fault.NothingEligible: "the offer begins at",
	fault.NotCombinable: "void that one first",
	fault.OverTerms:     "ask a manager", fault.NotEnrolled: "report once with an enrolment code",
	fault.Conflict: "a key of its own",
	fault.Training: "nothing counts", fault.Damaged: "cannot be read any more",
	fault.MayHaveForgotten: "fetch the trust bundle",
}

// swapped exchanges the first two neighbours that differ.
func swapped(code string) string {
	for i := 1; i < len(code); i++ {
		if code[i] != code[i-1] {
			return code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:]
		}
	}
	return code
}

func TestEveryReasonAlone(t *testing.T) {
	for code, s := range reasons() {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			shop := newShop(t)
			shop.dir, shop.disk = "till", &vfs.Memory{}
			if s.shop != nil {
				s.shop(shop)
			}
			b := bundleWith(t, 1, noon)
			if s.bundle != nil {
				s.bundle(&b)
			}
			shop.desk.bundle = bundleOf(t, b)
			terminal := shop.open(t)
			if !s.alone {
				require.NoError(t, terminal.ReportNow(t.Context()))
			}
			scanned := s.present(t)
			if s.before != nil {
				s.before(t, shop, terminal, scanned)
			}
			recorded := terminal.Status().Pending
			request := redeem.Request{Scanned: scanned, SaleKey: "sale"}
			if s.request != nil {
				s.request(&request)
			}
			d, err := terminal.Redeem(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, s.outcome, d.Outcome)
			require.Len(t, d.Reasons, 1, d.String())
			assert.Equal(t, code, d.Reasons[0].Code)
			require.NotEmpty(t, remedies[code])
			assert.Contains(t, d.Reasons[0].Detail, remedies[code])
			assert.Equal(t, recorded, terminal.Status().Pending, "nothing is recorded")

			// A manager changes what is asked and nothing else; without anybody to ask it is refused.
			request.Override = &redeem.Override{Manager: "12", Why: "known customer"}
			d, err = terminal.Check(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, s.outcome != redeem.Refuse, d.Outcome == redeem.Allow)
			assert.True(t, d.Because(code), "the reason stays to be seen")
		})
	}
}

// present returns the text that is scanned.
func (s setting) present(t *testing.T) string {
	if s.scanned != "" {
		return s.scanned
	}
	p := offer.Pass{ID: offer.NewID(), Audience: []string{"m-1"}, Campaign: "spring", IssuedAt: noon.Add(-time.Hour),
		NotAfter: noon.Add(24 * time.Hour)}
	if s.pass != nil {
		s.pass(&p)
	}
	by := issuer
	if s.by != nil {
		by = *s.by
	}
	text, err := by.Issue(p)
	require.NoError(t, err)
	return text
}

// asPass writes a COSE_Sign1 (RFC 9052) with these headers as a pass is shown, whatever it is worth.
func asPass(protected, unprotected map[int]any) string {
	encode := func(v any) []byte {
		mode, err := cbor.CoreDetEncOptions().EncMode()
		if err != nil {
			panic(err)
		}
		raw, err := mode.Marshal(v)
		if err != nil {
			panic(err)
		}
		return raw
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

// neverReasons are codes of the groups whose codes are reasons, which yet no decision gives.
// The first two are the backend's verdicts, the third is a reason against a void.
var neverReasons = []fault.Code{fault.UnknownOffer, fault.OverReturn, fault.OverVoids}

// alsoReasons are codes of errors that are reasons too.
var alsoReasons = []fault.Code{fault.Conflict, fault.Damaged}

// The table has every code that a decision can give: all that codes.go groups as such.
func TestTheTableHasEveryReason(t *testing.T) {
	file, err := parser.ParseFile(gotoken.NewFileSet(), filepath.Join("fault", "codes.go"), nil, parser.ParseComments)
	require.NoError(t, err)
	table := reasons()
	seen := 0
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != gotoken.CONST || strings.HasPrefix(group.Doc.Text(), "Errors ") {
			continue
		}
		for _, spec := range group.Specs {
			literal := spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit)
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			_, there := table[fault.Code(text)]
			assert.NotEqual(t, there, slices.Contains(neverReasons, fault.Code(text)),
				"%s is to be in the table, or never a reason", text)
			seen++
		}
	}
	assert.Equal(t, len(table)+len(neverReasons)-len(alsoReasons), seen, "the table has none besides")
}
