package local_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/transport/local"
)

// A till that is written in another language posts JSON. A return has a key of its own, so that it can be repeated.
func Example() {
	dir, err := os.MkdirTemp("", "offlane")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	events := new(local.Events)
	terminal, err := redeem.Open(context.Background(), dir, redeem.Config{OnEvent: events.Add})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer terminal.Close()
	service, err := local.New(local.Config{Terminal: terminal, Events: events})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	server := httptest.NewServer(local.Access{}.Guard(service))
	defer server.Close()

	request, _ := http.NewRequest(http.MethodPost, server.URL+"/v1/void", strings.NewReader(`{"saleKey": "42"}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(local.Header, local.Version)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.Status)
	fmt.Println(strings.Contains(string(body), "key: the field is missing"))
	// Output:
	// 400 Bad Request
	// true
}
