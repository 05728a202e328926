package hub_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
	"github.com/offlane/offlane/transport/hub/hubtest"
)

func TestThisHubKeepsTheContract(t *testing.T) {
	t.Parallel()
	var s shop
	s.t = t
	hubtest.TestConformance(t, target(func(hubtest.Setup, *hub.Config) func(*hub.Server) {
		return func(server *hub.Server) { server.Watch(s.watch) }
	}))
}

// Frameworks add a charset to the type of every answer, and the contract allows that.
func TestAHubMayNameTheCharsetOfItsAnswers(t *testing.T) {
	t.Parallel()
	charset := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			w.Header().Set("Content-Type", answer.Header().Get("Content-Type")+"; charset=utf-8")
			w.WriteHeader(answer.Code)
			_, err := w.Write(answer.Body.Bytes())
			assert.NoError(t, err, "the answer arrives")
		})
	}
	start := target(func(hubtest.Setup, *hub.Config) func(*hub.Server) {
		return func(server *hub.Server) { server.Watch(charset) }
	})
	for _, rule := range hubtest.Rules() {
		if rule.Name == "problems" || rule.Name == "reserved" {
			assert.NoError(t, rule.Check(t.Context(), start), "rule %s", rule.Name)
		}
	}
}

// target starts hubs of this package. prepare may change what a hub works by, and the hub before it serves.
func target(prepare func(hubtest.Setup, *hub.Config) func(*hub.Server)) hubtest.Target {
	return func(ctx context.Context, setup hubtest.Setup) (hubtest.Hub, error) {
		var ahead atomic.Int64
		cfg := hub.Config{
			Key: setup.Key, Lanes: func() []record.HubPeer { return setup.Lanes }, Lease: setup.Lease, Wait: setup.Wait,
			Backend: setup.Backend, SegmentSize: segmentSize,
			SinceBoot: func() time.Duration { return time.Since(started) + time.Duration(ahead.Load()) },
		}
		change := prepare(setup, &cfg)
		server, err := hub.Open(ctx, setup.Dir, cfg)
		if err != nil {
			return hubtest.Hub{}, err
		}
		change(server)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return hubtest.Hub{}, errors.Join(err, server.Close())
		}
		go server.Serve(l)
		return hubtest.Hub{Address: l.Addr().String(), Stop: server.Close,
			Advance: func(d time.Duration) { ahead.Add(int64(d)) }}, nil
	}
}
