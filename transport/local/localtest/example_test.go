package localtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/offlane/offlane/transport/local/localtest"
)

// A vendor's test has its client call through a Witness.
func ExampleNewWitness() {
	var service http.Handler // a local.Service
	_ = func(t *testing.T) {
		server := httptest.NewServer(localtest.NewWitness(t, service))
		defer server.Close()
		// Have the client call server.URL.
	}
	// Output:
}
