package pages_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/wire"
)

func TestTheMerchantsPageShowsItsAgreements(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	_, err := s.server.Propose(t.Context(), "mill.example", wire.NewAgreement{Owner: "mill.example", Partner: merchant})
	require.NoError(t, err)
	a, err := s.server.Propose(t.Context(), merchant, wire.NewAgreement{Owner: merchant, Partner: "mill.example",
		Campaigns: []string{"coffee", "cake"}})
	require.NoError(t, err)
	for _, to := range []wire.NewAgreementState{{State: wire.AgreementActive}, {State: wire.AgreementEnded,
		AtOnce: true}} {
		_, err = s.server.ChangeAgreement(t.Context(), "mill.example", a.ID, to)
		require.NoError(t, err)
	}
	m := newPhone(t)
	m.do(chromedp.Navigate(s.merchant), chromedp.WaitVisible("#key"))
	m.signIn(managementKey)
	m.do(chromedp.WaitVisible("#agreements tr"))
	shown := see[[]string](m, `[...document.querySelectorAll("#agreements tr")].map(tr =>
		[...tr.children].slice(0, 4).map(td => td.textContent).join(" | "))`)
	assert.ElementsMatch(t, []string{"mill.example | shop.example | all | proposed by mill.example",
		"shop.example | mill.example | coffee, cake | stopped"}, shown)
}
