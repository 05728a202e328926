package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// manage speaks with the management side of a backend with a merchant's key.
func manage[T any](t *testing.T, server *transporttest.Server, key, method, path string, body any) (answer T) {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	server.Handler().ServeHTTP(w, r)
	require.Less(t, w.Code, 300, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	return answer
}

// TestATillRedeemsForAnotherMerchantAsLongAsBothAgree follows an agreement from its proposal to its end, at a till of
// the partner's that hears of it with its bundles.
func TestATillRedeemsForAnotherMerchantAsLongAsBothAgree(t *testing.T) {
	for _, atOnce := range []bool{false, true} {
		t.Run(fmt.Sprint("at once: ", atOnce), func(t *testing.T) { agreed(t, atOnce) })
	}
}

func agreed(t *testing.T, atOnce bool) {
	server := transporttest.NewServer(t, transporttest.Options{})
	const owner, partner = transporttest.ManagementKey, transporttest.PartnerKey
	state := func(a wire.Agreement, to wire.NewAgreementState) {
		manage[wire.Agreement](t, server, partner, http.MethodPut, wire.PathAgreements+"/"+a.ID+"/state", to)
	}
	scope := wire.NewAgreement{Owner: transporttest.Merchant, Partner: transporttest.Partner}
	agreement := manage[wire.Agreement](t, server, owner, http.MethodPost, wire.PathAgreements, scope)
	state(agreement, wire.NewAgreementState{State: wire.AgreementActive})
	server.Campaign(t, wire.Campaign{ID: "fifty", Title: "Fifty", Partners: []string{transporttest.Partner}})
	passes := server.Accept(t, "fifty", 3)

	code := manage[wire.Code](t, server, partner, http.MethodPost, wire.PathCodes, wire.NewCode{Store: "x-1"}).Code
	client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper()})
	require.NoError(t, err)
	defer client.Close()
	till, err := redeem.Open(t.Context(), vfstest.Folder(t), redeem.Config{Reporter: client, EnrolmentCode: code,
		Place: record.Place{Lane: "1"}, Reporting: redeem.Reporting{Manual: true}})
	require.NoError(t, err)
	defer till.Close()
	redeemed := func(pass, sale string) redeem.Decision {
		d, err := till.Redeem(t.Context(), redeem.Request{Scanned: pass, SaleKey: sale})
		require.NoError(t, err)
		return d
	}
	require.NoError(t, till.ReportNow(t.Context()))
	first := redeemed(passes[0], "first")
	require.Equal(t, redeem.Allow, first.Outcome, first.String())

	state(agreement, wire.NewAgreementState{State: wire.AgreementEnded, AtOnce: atOnce})
	second := redeemed(passes[1], "second") // it has not heard of the end
	require.Equal(t, redeem.Allow, second.Outcome, second.String())
	late := server.Accept(t, "fifty", 1)[0]
	require.NoError(t, till.ReportNow(t.Context()))
	third := redeemed(passes[2], "third")
	if atOnce {
		assert.Equal(t, redeem.Refuse, third.Outcome, third.String())
		assert.True(t, third.Because(fault.NoAgreement), "the reason is the agreement")
	} else {
		assert.Equal(t, redeem.Allow, third.Outcome, "what is out is honoured: %s", third)
	}
	assert.True(t, redeemed(late, "late").Because(fault.OtherMerchant), "what was issued since is not for it")
	require.NoError(t, till.ReportNow(t.Context()))
	for v, err := range till.Verdicts(t.Context()) {
		require.NoError(t, err)
		assert.Failf(t, "what was allowed is booked", "%+v", v)
	}
	var booked int64
	for _, f := range manage[wire.Figures](t, server, partner, http.MethodGet, wire.PathFigures, nil).Figures {
		assert.Equal(t, transporttest.Partner, f.Merchant)
		booked += f.Redeemed
	}
	want := map[bool]int64{false: 3, true: 2}[atOnce]
	assert.Equal(t, want, booked, "the partner sees what it redeemed")
}
