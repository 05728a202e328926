package backend_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/wire"
)

// A backend is two handlers: one for terminals and devices, one for merchants.
func Example() {
	server, err := backend.New(context.Background(), backend.Config{
		Store:     memstore.New(), // boltstore or pgstore outside of tests
		Merchants: []backend.Merchant{{Name: "shop.example", Key: "a secret of at least 16 bytes"}},
	})
	if err != nil {
		panic(err)
	}
	defer server.Close()

	create := httptest.NewRequest(http.MethodPost, wire.PathCampaigns,
		strings.NewReader(`{"id":"spring","title":"A free coffee"}`))
	create.Header.Set("Authorization", "Bearer a secret of at least 16 bytes")
	answer := httptest.NewRecorder()
	server.Management().ServeHTTP(answer, create)
	fmt.Println(answer.Code)

	accept := httptest.NewRequest(http.MethodPost, wire.PathDeviceOffers, strings.NewReader(`{"campaign":"spring"}`))
	answer = httptest.NewRecorder()
	server.ServeHTTP(answer, accept)
	fmt.Println(answer.Code, len(answer.Result().Cookies()), "cookies")
	// Output:
	// 201
	// 201 2 cookies
}
