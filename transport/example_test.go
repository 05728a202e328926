package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
)

// A captive portal answers everything with a page and status 200. To the client that is no answer, so the terminal
// keeps its records and tries again.
func ExampleClient_Report() {
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<html>Welcome! Please sign in.</html>")
	}))
	defer portal.Close()

	client, err := transport.New(transport.Config{URL: portal.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_, err = client.Report(context.Background(), "token", record.Report{})
	fmt.Println(errors.Is(err, fault.NotTheContract))
	// Output: true
}
