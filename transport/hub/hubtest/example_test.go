package hubtest_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
	"github.com/offlane/offlane/transport/hub/hubtest"
)

// start starts the hub of package hub. For a hub in another language it starts the program, with a file that has the
// setup.
func start(ctx context.Context, setup hubtest.Setup) (hubtest.Hub, error) {
	var ahead atomic.Int64
	began := time.Now()
	server, err := hub.Open(ctx, setup.Dir, hub.Config{
		Key: setup.Key, Lease: setup.Lease, Wait: setup.Wait, Backend: setup.Backend,
		Lanes:     func() []record.HubPeer { return setup.Lanes },
		SinceBoot: func() time.Duration { return time.Since(began) + time.Duration(ahead.Load()) },
	})
	if err != nil {
		return hubtest.Hub{}, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return hubtest.Hub{}, err
	}
	go server.Serve(listener)
	return hubtest.Hub{Address: listener.Addr().String(), Stop: server.Close,
		Advance: func(d time.Duration) { ahead.Add(int64(d)) }}, nil
}

// A vendor's test calls TestConformance, which checks all rules. Here two of them are checked.
func ExampleTarget() {
	for _, rule := range hubtest.Rules() {
		if rule.Name == "reserved" || rule.Name == "lease-over-asks" {
			fmt.Println(rule.Text, rule.Check(context.Background(), start))
		}
	}
	// Output:
	// What another lane claimed is reserved, and the answer names it. <nil>
	// What a silent lane claimed asks, naming it, once its lease is over. <nil>
}
