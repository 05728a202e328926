package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/wire"
)

func TestThePageIsServedAndAnOfferIsAccepted(t *testing.T) {
	wallet, err := open(t.Context())
	require.NoError(t, err)
	server := httptest.NewServer(wallet)
	defer server.Close()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar}
	get := func(path string) (kind, text string) {
		response, err := client.Get(server.URL + path)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		return response.Header.Get("Content-Type"), string(body)
	}
	kind, page := get("/")
	assert.Contains(t, kind, "text/html")
	assert.Contains(t, page, "<main")
	response, err := client.Post(server.URL+wire.PathDeviceOffers, wire.RequestType,
		strings.NewReader(`{"campaign":"coffee"}`))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusCreated, response.StatusCode)
	_, text := get(wire.PathDeviceOffers)
	var held wire.DeviceOffers
	require.NoError(t, json.Unmarshal([]byte(text), &held))
	require.Len(t, held.Offers, 1)
	assert.Equal(t, "A free coffee", held.Offers[0].Title)
	_, err = offer.Parse(held.Offers[0].Pass)
	assert.NoError(t, err, "a till can read it")
	kind, _ = get(wire.PathDeviceOffers + "/" + held.Offers[0].Name + "/pass.svg")
	assert.Equal(t, "image/svg+xml", kind)
}
