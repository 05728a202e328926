package pictures_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/local/pictures"
)

func ExampleCalls() {
	dir, err := os.MkdirTemp("", "offlane")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	terminal, err := redeem.Open(context.Background(), dir, redeem.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer terminal.Close()
	service, err := local.New(local.Config{Terminal: terminal, Calls: pictures.Calls()})
	if err != nil {
		fmt.Println(err)
		return
	}
	body := strings.NewReader(`{"text": "OL1:AB12", "format": "qr_code", "as": "svg", "scale": 2}`)
	r := httptest.NewRequest(http.MethodPost, "/v1/draw", body)
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 200 image/svg+xml
}
