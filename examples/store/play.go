package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/offer"
)

const (
	issuerID   = "key"
	issuerName = "issuer"
)

// A game is one day of a store.
type game struct {
	options
	out    io.Writer
	random *rand.Rand
	issuer offer.Issuer
	hub    *program
	lanes  []*program
	shown  atomic.Int64

	lines []*line // of the lanes

	troubling map[*program]*sync.Mutex // held while something is done to a program

	mu    sync.Mutex // guards what follows
	count tally
	done  tallyOfTrouble
	taken map[string]bool // offers that were refused as redeemed elsewhere
}

// A tally counts what the lanes answered.
type tally struct{ allowed, refused, named, reserved, asked, again int }

// play starts all programs, shows the offers, and looks at what stands in the journals.
func play(ctx context.Context, o options, out io.Writer) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "store")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	g := &game{options: o, out: out, random: rand.New(rand.NewPCG(o.seed, 0)),
		issuer:    offer.Issuer{Name: issuerName, KeyID: issuerID, Private: private},
		troubling: map[*program]*sync.Mutex{}, taken: map[string]bool{}}
	defer g.end()
	if err := g.open(private); err != nil {
		return err
	}
	return errors.Join(g.trade(ctx), g.audit(ctx))
}

// open starts the hub and the lanes. The hub is told of the lanes, so that these start first, with its address.
func (g *game) open(private ed25519.PrivateKey) error {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	var ready hubReady
	order := hubOrder{Seed: key.Seed(), Address: "127.0.0.1:0", Lease: g.lease}
	g.hub = &program{as: "hub", dir: filepath.Join(g.dir, "hub"), order: order}
	if err := g.hub.start(&ready); err != nil { // for a free address
		return err
	}
	if g.lines, err = openLines(g.options.lanes); err != nil {
		return err
	}
	listed := make([]listedLane, g.options.lanes)
	for i := range listed {
		g.lines[i].leadTo(ready.Address)
		lane := &program{as: "lane", dir: filepath.Join(g.dir, "lane-"+strconv.Itoa(i+1)), order: laneOrder{
			Name: strconv.Itoa(i + 1), Hub: g.lines[i].address(), Timeout: g.timeout, Host: key.Public().(ed25519.PublicKey),
			Issuer: private.Public().(ed25519.PublicKey)}}
		if err := lane.start(&listed[i]); err != nil {
			return err
		}
		g.lanes = append(g.lanes, lane)
	}
	for _, p := range append(slices.Clone(g.lanes), g.hub) {
		g.troubling[p] = &sync.Mutex{}
	}
	order.Address, order.Lanes = ready.Address, listed
	g.hub.order = order
	if err := g.hub.kill(&ready); err != nil {
		return err
	}
	return g.awaitHub(context.Background())
}

func (g *game) end() {
	for _, p := range append(g.lanes, g.hub) {
		if p != nil {
			p.end()
		}
	}
	for _, l := range g.lines {
		l.close()
	}
}

// awaitHub waits until the hub knows what every lane did.
func (g *game) awaitHub(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && ctx.Err() == nil; {
		ready := 0
		for _, lane := range g.lanes {
			if r, err := lane.ask(question{}); err == nil && r.Ready {
				ready++
			}
		}
		if ready == len(g.lanes) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.Join(ctx.Err(), errors.New("the lanes do not reach the hub"))
}

// trade shows the offers, and makes trouble meanwhile.
func (g *game) trade(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	began, free := time.Now(), make(chan struct{}, g.atOnce)
	var all sync.WaitGroup
	var errs [2]error
	all.Go(func() { errs[0] = g.makeTrouble(ctx) })
	all.Go(func() { g.progress(ctx, began) })
	var shown sync.WaitGroup
	for n := range g.offers {
		first := g.random.IntN(len(g.lanes))
		second := (first + 1 + g.random.IntN(len(g.lanes)-1)) % len(g.lanes)
		free <- struct{}{}
		select {
		case <-time.After(g.every):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			<-free
			break
		}
		shown.Go(func() {
			if err := g.show(ctx, n, first, second); err != nil {
				g.mu.Lock()
				errs[1] = err
				g.mu.Unlock()
				stop()
			}
			<-free
		})
	}
	shown.Wait()
	stop()
	all.Wait()
	c := g.count
	fmt.Fprintf(g.out, "%d offers at %d lanes in %s: %d allowed, %d refused, of which %d name the lane and %d were "+
		"claimed at that moment; %d asked, %d asked again after a program was killed\n", g.shown.Load(), len(g.lanes),
		time.Since(began).Round(time.Millisecond), c.allowed, c.refused, c.named, c.reserved, c.asked, c.again)
	if g.trouble > 0 {
		fmt.Fprintln(g.out, &g.done)
	}
	return errors.Join(errs[:]...)
}

// show holds an offer up at two lanes at the same moment.
func (g *game) show(ctx context.Context, n, first, second int) error {
	now := time.Now()
	id := offer.NewID()
	text, err := g.issuer.Issue(offer.Pass{ID: id, Audience: []string{"m"}, Campaign: "spring", IssuedAt: now,
		NotAfter: now.Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	var both sync.WaitGroup
	var errs [2]error
	for i, lane := range []int{first, second} {
		both.Go(func() {
			errs[i] = g.redeem(ctx, g.lanes[lane], id, question{Pass: text, Sale: fmt.Sprintf("%d at %d", n, lane)})
		})
	}
	both.Wait()
	g.shown.Add(1)
	return errors.Join(errs[:]...)
}

// redeem asks a lane, and asks again with the same sale where its program was killed.
func (g *game) redeem(ctx context.Context, lane *program, id offer.ID, q question) error {
	for again := 0; ; again++ {
		r, err := lane.ask(q)
		if errors.Is(err, errGone) && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.count.add(r, again)
		if r.Outcome == "refuse" && !r.Reserved {
			g.taken[hex.EncodeToString(id[:])] = true
		}
		return nil
	}
}

func (t *tally) add(r reply, again int) {
	t.again += min(again, 1)
	switch r.Outcome {
	case "allow":
		t.allowed++
	case "ask":
		t.asked++
	default:
		t.refused++
		if r.Where != "" {
			t.named++
		}
		if r.Reserved {
			t.reserved++
		}
	}
}

// progress says every few seconds how far it is.
func (g *game) progress(ctx context.Context, began time.Time) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			fmt.Fprintf(g.out, "%s: %d of %d offers\n", time.Since(began).Round(time.Second), g.shown.Load(), g.offers)
		}
	}
}
