package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A listedLane is a lane as the hub is told of it.
type listedLane struct {
	Terminal record.TerminalID `json:"terminal"`
	Name     string            `json:"name"`
	Key      ed25519.PublicKey `json:"key"`
}

// A hubOrder is the first line that a hub reads.
type hubOrder struct {
	Seed    []byte       `json:"seed"` // of its key
	Address string       `json:"address"`
	Lanes   []listedLane `json:"lanes"`
	// Lease is how long a claim lasts, and a new epoch waits for lanes; 0: the hub's own times.
	Lease time.Duration `json:"lease"`
}

// A hubReady is the line that it writes when it listens.
type hubReady struct {
	Address string `json:"address"`
}

// runHub is the hub's program: it reads an order, and ends with its input.
func runHub(ctx context.Context, dir string, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	var order hubOrder
	if err := json.NewDecoder(lines).Decode(&order); err != nil {
		return fmt.Errorf("the hub's order: %w", err)
	}
	var lanes []record.HubPeer
	for _, l := range order.Lanes {
		lanes = append(lanes, record.HubPeer{Terminal: l.Terminal, Name: l.Name, Key: l.Key})
	}
	server, err := hub.Open(ctx, dir, hub.Config{Key: ed25519.NewKeyFromSeed(order.Seed),
		Lanes: func() []record.HubPeer { return lanes }, Lease: order.Lease, Wait: order.Lease})
	if err != nil {
		return err
	}
	defer server.Close()
	listener, err := net.Listen("tcp", order.Address)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(hubReady{listener.Addr().String()}); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines) // until whoever started it is gone
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, fault.Closed) {
		return err
	}
	return nil
}
