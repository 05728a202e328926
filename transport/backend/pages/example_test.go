package pages_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/pages"
)

func ExampleCustomer() {
	server, err := backend.New(context.Background(), backend.Config{Store: memstore.New()})
	if err != nil {
		panic(err)
	}
	answer := httptest.NewRecorder()
	pages.Customer(server).ServeHTTP(answer, httptest.NewRequest("GET", "/", nil))
	fmt.Println(answer.Code, answer.Header().Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}
