package hub_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A hub with two lanes. A program gives the client to redeem.Config.Hub; here two lanes ask for the same offer at once.
func Example() {
	dir, err := os.MkdirTemp("", "hub")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	first, second := newLane(1), newLane(2)
	server, err := hub.Open(context.Background(), dir, hub.Config{
		Key:   first.key,
		Lanes: func() []record.HubPeer { return []record.HubPeer{first.listed(), second.listed()} },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go server.Serve(listener)

	for _, lane := range []*lane{first, second} {
		client, err := hub.NewClient(hub.ClientConfig{
			Address: listener.Addr().String(),
			Hosts:   func() []ed25519.PublicKey { return []ed25519.PublicKey{first.public()} },
			Timeout: waitLong,
		})
		if err != nil {
			log.Fatal(err)
		}
		if err := client.Start(context.Background(), lane); err != nil {
			log.Fatal(err)
		}
		defer client.Stop()
		lane.client = client
	}
	for _, lane := range []*lane{first, second} {
		<-lane.back
	}
	for i, lane := range []*lane{first, second} {
		answer, err := lane.client.Claim(context.Background(), record.ClaimRequest{
			SaleKey: fmt.Sprint("sale ", i), Offer: offerID("pass"), Uses: 1, Allowed: 1,
		})
		fmt.Println(answer.Result, answer.Lane, err)
	}
	// Output:
	// granted  <nil>
	// reserved 1 <nil>
}
