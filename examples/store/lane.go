package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A laneOrder is the first line that a lane reads.
type laneOrder struct {
	Name string `json:"name"`
	Hub  string `json:"hub"`
	// Timeout is how long the lane waits for the hub.
	Timeout time.Duration     `json:"timeout"`
	Host    ed25519.PublicKey `json:"host"`
	Issuer  ed25519.PublicKey `json:"issuer"`
}

// A question is a line that a lane reads after it: an offer in a sale, or without one all that it redeemed.
type question struct {
	ID   int    `json:"id"`
	Pass string `json:"pass,omitempty"`
	Sale string `json:"sale,omitempty"`
}

// A reply is a line that it writes.
type reply struct {
	ID       int    `json:"id"`
	Outcome  string `json:"outcome,omitempty"`
	Where    string `json:"where,omitempty"`
	Reserved bool   `json:"reserved,omitempty"` // another lane was about to redeem it
	Ready    bool   `json:"ready,omitempty"`    // the hub knows all that the lane did
	Used     []used `json:"used,omitempty"`
	Failed   string `json:"failed,omitempty"`
}

// A used is a redemption in a lane's journal.
type used struct {
	Offer    string        `json:"offer"`
	Epoch    uint64        `json:"epoch,omitempty"`
	Notes    []record.Note `json:"notes,omitempty"`
	Override bool          `json:"override,omitempty"`
}

// A keyTap writes who the terminal is when it starts, as an enrolment tells a backend.
type keyTap struct {
	*hub.Client
	name string
	out  *json.Encoder
}

func (k keyTap) Start(ctx context.Context, lane record.HubLane) error {
	public, _ := lane.Key().Public().(ed25519.PublicKey)
	if err := k.out.Encode(listedLane{lane.Terminal(), k.name, public}); err != nil {
		return err
	}
	return k.Client.Start(ctx, lane)
}

// runLane is a lane's program: it reads questions and answers them, several at once, and ends with its input.
func runLane(ctx context.Context, dir string, in io.Reader, out io.Writer) error {
	decoder, encoder := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	var order laneOrder
	if err := decoder.Decode(&order); err != nil {
		return fmt.Errorf("the lane's order: %w", err)
	}
	client, err := hub.NewClient(hub.ClientConfig{Address: order.Hub, Timeout: order.Timeout,
		Hosts: func() []ed25519.PublicKey { return []ed25519.PublicKey{order.Host} }})
	if err != nil {
		return err
	}
	terminal, err := redeem.Open(ctx, dir, redeem.Config{
		Place: record.Place{Merchant: "m", Store: "s", Lane: order.Name}, Hub: keyTap{client, order.Name, encoder},
		Keys:   []offer.Key{{ID: issuerID, Issuer: issuerName, Public: order.Issuer}},
		Policy: redeem.Policy{MaxAlone: -1}, // nobody vouches for the time here
	})
	if err != nil {
		return err
	}
	defer terminal.Close()
	var mu sync.Mutex // one reply at a time
	var all sync.WaitGroup
	defer all.Wait()
	for {
		var q question
		if err := decoder.Decode(&q); err != nil {
			return nil // whoever asked is gone
		}
		all.Go(func() {
			r := answer(ctx, terminal, q)
			mu.Lock()
			defer mu.Unlock()
			_ = encoder.Encode(r) // nobody reads it any more
		})
	}
}

func answer(ctx context.Context, terminal *redeem.Terminal, q question) reply {
	if q.Pass == "" {
		return history(ctx, terminal, q.ID)
	}
	for {
		d, err := terminal.Redeem(ctx, redeem.Request{Scanned: q.Pass, SaleKey: q.Sale})
		if errors.Is(err, fault.OutcomeUnknown) {
			continue // the same sale key has the answer
		}
		if err != nil {
			return reply{ID: q.ID, Failed: err.Error()}
		}
		r := reply{ID: q.ID, Outcome: string(d.Outcome), Reserved: d.Because(fault.Reserved)}
		if len(d.Reasons) > 0 {
			r.Where = d.Reasons[0].Where.Lane
		}
		return r
	}
}

// history is all that stands in the lane's journal.
func history(ctx context.Context, terminal *redeem.Terminal, id int) reply {
	status := terminal.Status().Hub
	r := reply{ID: id, Ready: status.Ready && status.Untold == 0}
	for listed, err := range terminal.Records(ctx, redeem.Query{}) {
		if err != nil {
			return reply{ID: id, Failed: err.Error()}
		}
		rec := &listed.Record
		if rec.Kind != record.Redemption {
			continue
		}
		u := used{Offer: hex.EncodeToString(rec.Offer[:]), Notes: rec.Notes, Override: rec.Override != nil}
		if rec.Claim != nil {
			u.Epoch = rec.Claim.Epoch
		}
		r.Used = append(r.Used, u)
	}
	return r
}
