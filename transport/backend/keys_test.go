package backend_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// with sends a management request with a key.
func (d *desk) with(key, method, path string, body any) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.do(d.server.Management(), method, path, key, body)
}

func (d *desk) newKey(with, name string) wire.ManagementKey {
	d.t.Helper()
	return read[wire.ManagementKey](d.t, d.with(with, "POST", wire.PathKeys, wire.NewKey{Name: name}),
		http.StatusCreated)
}

func (d *desk) admits(key string) bool {
	d.t.Helper()
	return d.with(key, "GET", wire.PathCampaigns, nil).Code == http.StatusOK
}

// again starts another server on the same store.
func (d *desk) again(merchants ...backend.Merchant) error {
	server, err := backend.New(d.t.Context(), backend.Config{Store: d.store, Merchants: merchants,
		Now:    func() time.Time { return d.now() },
		Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1}})
	if err == nil {
		d.server = server
	}
	return err
}

func TestAManagementKeyIsChangedWithoutARestart(t *testing.T) {
	d := newDesk(t)
	made := d.newKey(managementKey, "office")
	assert.True(t, d.admits(made.Key), "the key counts")
	list := d.with(made.Key, "GET", wire.PathKeys, nil)
	assert.NotContains(t, list.Body.String(), made.Key)
	assert.NotContains(t, list.Body.String(), managementKey)
	keys := read[wire.ManagementKeys](t, list, http.StatusOK).Keys
	require.Len(t, keys, 2)
	configured := keys[0]
	if !configured.Configured {
		configured = keys[1]
	}
	assert.Equal(t, "configuration", configured.Name)

	path := wire.PathKeys + "/" + configured.ID
	assert.Equal(t, "not-found", codeOf(t, d.with(otherKey, "DELETE", path, nil)), "another merchant's key")
	assert.NotZero(t, read[wire.ManagementKey](t, d.with(made.Key, "DELETE", path, nil), http.StatusOK).Blocked)
	assert.Equal(t, "unauthorized", codeOf(t, d.with(managementKey, "GET", wire.PathCampaigns, nil)))
	own := wire.PathKeys + "/" + made.ID
	assert.Equal(t, "conflict", codeOf(t, d.with(made.Key, "DELETE", own, nil)), "the last one stays")
	next := d.newKey(made.Key, "new office")
	require.Equal(t, http.StatusOK, d.with(made.Key, "DELETE", own, nil).Code, "a key may block itself")
	assert.False(t, d.admits(made.Key), "the key is blocked")
	assert.True(t, d.admits(next.Key), "the key counts")
	assert.True(t, d.admits(otherKey), "the other merchant's is not touched")
	require.Equal(t, http.StatusOK, d.with(next.Key, "DELETE", own, nil).Code,
		"a key that is blocked may be blocked again")
}

func TestABlockedKeyOfTheConfigurationStaysBlocked(t *testing.T) {
	d := newDesk(t)
	made := d.newKey(managementKey, "office")
	for _, k := range read[wire.ManagementKeys](t, d.manage("GET", wire.PathKeys, nil), http.StatusOK).Keys {
		if k.Configured {
			require.Equal(t, http.StatusOK, d.with(made.Key, "DELETE", wire.PathKeys+"/"+k.ID, nil).Code)
		}
	}
	require.NoError(t, d.again(backend.Merchant{Name: "m-1", Key: managementKey}))
	assert.False(t, d.admits(managementKey), "a restart does not lift it")
	assert.True(t, d.admits(made.Key), "the key counts")
	require.NoError(t, d.again(backend.Merchant{Name: "m-1", Key: "another management key"}))
	assert.True(t, d.admits("another management key"), "the operator gives the merchant another one")
}

func TestAKeyCountsOnlyAsLongAsItIsConfigured(t *testing.T) {
	d := newDesk(t)
	made := d.newKey(managementKey, "office")
	require.NoError(t, d.again(backend.Merchant{Name: "m-1", Key: "another management key"}))
	assert.False(t, d.admits(managementKey), "it was taken out of the configuration")
	keys := read[wire.ManagementKeys](t, d.with(made.Key, "GET", wire.PathKeys, nil), http.StatusOK).Keys
	assert.Len(t, keys, 2, "and is listed no more")
	require.NoError(t, d.again(backend.Merchant{Name: "m-1"}))
	assert.True(t, d.admits(made.Key), "those that were made stay")
	require.NoError(t, d.again(backend.Merchant{Name: "m-2", Key: managementKey}))
	assert.False(t, d.admits(made.Key), "a merchant that is not served has no say")
	assert.Empty(t, read[wire.ManagementKeys](t, d.manage("GET", wire.PathKeys, nil), http.StatusOK).Keys[1:],
		"the key is merchant m-2's now")
}

func TestTwoMerchantsHaveNoKeyInCommon(t *testing.T) {
	d := newDesk(t)
	err := d.again(backend.Merchant{Name: "m-1", Key: managementKey}, backend.Merchant{Name: "m-2", Key: managementKey})
	assert.ErrorIs(t, err, fault.InvalidRequest)
	made := d.newKey(managementKey, "office")
	assert.ErrorIs(t, d.again(backend.Merchant{Name: "m-2", Key: made.Key}), fault.InvalidRequest,
		"one that another merchant made")
}

func TestManagementKeysAreKeptAsHashesAndBounded(t *testing.T) {
	d := newDesk(t)
	made := d.newKey(managementKey, "office")
	require.NoError(t, d.store.View(t.Context(), func(tx store.Tx) error {
		keys, err := tx.ManagementKeys("m-1")
		raw, failed := rowcode.Encode(keys)
		require.NoError(t, failed)
		assert.NotContains(t, string(raw), made.Key)
		assert.NotContains(t, string(raw), managementKey)
		return err
	}))
	assert.Equal(t, "invalid-request", codeOf(t, d.manage("POST", wire.PathKeys, wire.NewKey{})))
	assert.Equal(t, "invalid-request", codeOf(t, d.manage("POST", wire.PathKeys, map[string]string{"nam": "x"})))
	for range 98 {
		d.newKey(managementKey, "office")
	}
	assert.Equal(t, "conflict", codeOf(t, d.manage("POST", wire.PathKeys, wire.NewKey{Name: "one too many"})))
}

// The operation stands in an error once, whoever found out what is wrong.
func TestErrorsNameTheExportedMethod(t *testing.T) {
	d := newDesk(t)
	for op, call := range map[string]func() error{
		"backend.AddKey":  func() error { _, err := d.server.AddKey(t.Context(), "m-1", wire.NewKey{}); return err },
		"backend.AddCode": func() error { _, err := d.server.AddCode(t.Context(), "m-1", wire.NewCode{}); return err },
		"backend.AddCampaign": func() error {
			_, err := d.server.AddCampaign(t.Context(), "m-1", wire.Campaign{})
			return err
		},
		"backend.Propose": func() error { _, err := d.server.Propose(t.Context(), "m-1", wire.NewAgreement{}); return err },
		"backend.ChangeAgreement": func() error {
			_, err := d.server.ChangeAgreement(t.Context(), "m-1", "none", wire.NewAgreementState{})
			return err
		},
		"backend.New": func() error { _, err := backend.New(t.Context(), backend.Config{}); return err },
	} {
		failed, ok := errors.AsType[*fault.Error](call())
		require.True(t, ok, "%s returns a *fault.Error", op)
		assert.Equal(t, op, failed.Op, "of %q", failed.Detail)
	}
}
