package transporttest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

var _ redeem.Reporter = (*transport.Client)(nil)

// target starts a reference backend behind the middleware, and makes it a Target.
func target(t *testing.T, tls bool, middleware func(http.Handler) http.Handler) Target {
	t.Helper()
	server := NewServer(t, Options{Middleware: middleware, TLS: tls})
	server.Campaign(t, wire.Campaign{ID: "spring", Title: "Spring"})
	client := &http.Client{Transport: server.RoundTripper()}
	return Target{URL: server.URL, Client: client, Code: server.Code(t, "s-1", 100),
		Offer: func(ctx context.Context) (string, error) {
			return acceptFrom(server.direct(), "spring")(ctx)
		}, Owner: MerchantKey{Merchant, ManagementKey}, Partner: MerchantKey{Partner, PartnerKey},
		Withdraw: func(_ context.Context, from, until time.Time) error {
			return server.Restart(Change{Withdrawn: backend.Period{From: from, Until: until}})
		}}
}

func TestTheReferenceBackendKeepsTheContract(t *testing.T) {
	w := newWitness(t, nil)
	TestConformance(t, target(t, false, func(next http.Handler) http.Handler {
		w.next = next
		return w
	}))
	assert.Empty(t, w.broken, "the document describes every answer and every request that was taken")
	for _, operation := range []string{"getHealth 200", "enrolTerminal 200", "enrolTerminal 403", "postReport 200",
		"postReport 401",
		"postReport 400", "getVerdicts 200", "getBundle 200", "getBundle 304", "createCampaign 201", "createCampaign 403",
		"createCode 201",
		"listAgreements 200", "proposeAgreement 201", "putAgreementState 200", "putAgreementState 403", "acceptOffer 201",
		"listDeviceOffers 200", "visit 200", "putConsent 200", "forgetDevice 204", "postReport 413", "enrolTerminal 413",
		"enrolTerminal 415",
		"getEffects 200", "makeExports 201", "getExport 200",
		"getChallenge 200", "enrolTerminal 409", "blockTerminal 200", "getVerdicts 403"} {
		assert.Positive(t, w.seen[operation], "%s was never seen: %v", operation, w.seen)
	}
}

func TestCookiesOverTLSKeepTheContract(t *testing.T) {
	for _, rule := range deviceRules {
		assert.NoError(t, rule.check(t.Context(), &suite{target(t, true, nil)}), rule.Name)
	}
}

func TestTheSuiteSeesEveryMutation(t *testing.T) {
	for _, m := range mutations() {
		t.Run(strings.ReplaceAll(m.name, " ", "-"), func(t *testing.T) {
			play := &suite{target(t, true, m.mutate)}
			play.till(t.Context()) // some mutations answer strangers with what an honest terminal was told, if it was
			checkClock(t.Context(), play)
			for _, rule := range Rules() {
				if slices.Contains(m.seenBy, rule.Name) {
					assert.Error(t, rule.check(t.Context(), play), rule.Name)
				}
			}
		})
	}
}

func TestEveryRuleHasItsNameAndText(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range Rules() {
		assert.False(t, seen[rule.Name], rule.Name)
		seen[rule.Name] = true
		assert.NotEmpty(t, rule.Text, rule.Name)
	}
	for _, m := range mutations() {
		for _, rule := range m.seenBy {
			assert.True(t, seen[rule], "%s names a rule %s that is none", m.name, rule)
		}
	}
	assert.GreaterOrEqual(t, len(mutations()), 10)
}

func TestABackendThatIsStoppedComesBackWithWhatItKnew(t *testing.T) {
	server := NewServer(t, Options{})
	code := server.Code(t, "s-1", 2)
	play := &suite{Target{URL: server.URL, Client: &http.Client{Transport: server.RoundTripper()}, Code: code}}
	before, err := play.till(t.Context())
	require.NoError(t, err)
	server.Stop()
	_, err = before.verdicts(t.Context(), 0)
	require.Error(t, err, "nobody answers")
	require.NoError(t, server.Restart(Change{}))
	_, err = before.verdicts(t.Context(), 0)
	require.NoError(t, err, "the token is still good")
	again := before.told
	assert.Equal(t, Merchant, again.Place.Merchant)
}
