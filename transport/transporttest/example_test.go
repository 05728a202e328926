package transporttest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A gate stands before any handler and is rude once. In a test, NewServer does all this in one line, with a whole
// backend.
func ExampleGate() {
	gate := transporttest.NewGate(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", wire.ContentType)
		wire.Write(w, wire.Health{Status: "ok", Can: wire.Needed()})
	}))
	server := httptest.NewServer(gate)
	defer server.Close()
	client, err := transport.New(transport.Config{URL: server.URL, Attempts: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	gate.Inject(transporttest.Injection{Fault: transporttest.Busy})
	_, err = client.Health(context.Background())
	fmt.Println(fault.CodeOf(err), "wait", fault.RetryAfter(err))

	health, err := client.Health(context.Background())
	fmt.Println(health.Status, err)
	// Output:
	// too-many-requests wait 1s
	// ok <nil>
}
