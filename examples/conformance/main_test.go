package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

func start(t *testing.T, middleware func(http.Handler) http.Handler) *transporttest.Server {
	t.Helper()
	server := transporttest.NewServer(t, transporttest.Options{Middleware: middleware})
	server.Campaign(t, wire.Campaign{ID: "spring", Title: "Spring"})
	return server
}

func conform(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func TestABackendThatKeepsTheContractIsToldSo(t *testing.T) {
	server := start(t, nil)
	args := []string{"-code", server.Code(t, "s-1", 200), "-campaign", "spring", server.URL}
	merchants := []string{"-owner", transporttest.Merchant + "=" + transporttest.ManagementKey,
		"-partner", transporttest.Partner + "=" + transporttest.PartnerKey}
	status, out, errs := conform(t, "", append(merchants, args...)...)
	assert.Zero(t, status, out)
	assert.Empty(t, errs)
	assert.Equal(t, len(transporttest.Rules())-1, strings.Count(out, "ok    "), out)
	assert.Contains(t, out, "skip  clock-withdrawn: ", "only a program can correct the backend's clock")
}

func TestOffersMayComeFromStandardInputAndMerchantsFromNowhere(t *testing.T) {
	server := start(t, nil)
	offers := strings.Join(server.Accept(t, "spring", 64), "\n")
	status, out, _ := conform(t, offers, "-code", server.Code(t, "s-1", 100), "-offers", "-", "-json", server.URL)
	assert.Zero(t, status, out)
	var first result
	require.NoError(t, json.NewDecoder(strings.NewReader(out)).Decode(&first))
	assert.True(t, first.OK, "the first rule holds")
	assert.Equal(t, transporttest.Rules()[0].Name, first.Rule)
	assert.Regexp(t, `"partner-needs-agreement".*the target names no two merchants`, out)
	const needMerchants = 22 // on agreements, and others for which the merchants create campaigns or change something
	assert.Equal(t, needMerchants, strings.Count(out, `"skipped":"the target names no`),
		"rules that are skipped where no merchants are named")
}

func TestABrokenRuleIsNamed(t *testing.T) {
	server := start(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wire.PathCampaigns || r.URL.Path == wire.PathCodes {
				next.ServeHTTP(w, r)
				return
			}
			http.Error(w, "gone", http.StatusGone)
		})
	})
	status, out, _ := conform(t, "", "-code", server.Code(t, "s-1", 100), "-campaign", "spring", server.URL)
	assert.Equal(t, 1, status)
	assert.Contains(t, out, "FAIL  health")
}

func TestWrongUseIsExplained(t *testing.T) {
	for _, args := range [][]string{nil, {"http://127.0.0.1"}, {"-code", "x", "http://127.0.0.1"},
		{"-code", "x", "-offers", "no-such-file", "http://127.0.0.1"}, {"-x"}} {
		status, _, errs := conform(t, "", args...)
		assert.Equal(t, 2, status, args)
		assert.NotEmpty(t, errs, args)
	}
}
