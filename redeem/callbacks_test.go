package redeem_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A caller calls the terminal back from every callback that a user gives it. What comes of that is of no interest: the
// disk may be broken by then, and the terminal closed.
type caller struct {
	t        *testing.T
	terminal atomic.Pointer[redeem.Terminal]
	scanned  string
	left     atomic.Int64 // of redemptions, which bring callbacks of their own
	calls    sync.Map     // the callbacks that were called
}

func (c *caller) call(who string) {
	c.calls.Store(who, true)
	terminal := c.terminal.Load()
	if terminal == nil {
		return // it is being opened
	}
	terminal.Status()
	left := c.left.Add(-1)
	if left < 0 {
		return
	}
	sale := fmt.Sprint(who, left)
	_, _ = terminal.Check(c.t.Context(), redeem.Request{Scanned: c.scanned, SaleKey: sale})
	_, _ = terminal.Redeem(c.t.Context(), redeem.Request{Scanned: c.scanned, SaleKey: sale})
}

func (c *caller) Enabled(context.Context, slog.Level) bool { c.call("Enabled"); return true }

func (c *caller) Handle(context.Context, slog.Record) error { c.call("Handle"); return nil }

func (c *caller) WithAttrs([]slog.Attr) slog.Handler { return c }

func (c *caller) WithGroup(string) slog.Handler { return c }

// A callingVault is a key store that calls back, and so do its keys.
type callingVault struct {
	*vault
	*caller
}

func (v callingVault) NewKey(ctx context.Context) (crypto.Signer, error) {
	v.call("NewKey")
	key, err := v.vault.NewKey(ctx)
	return callingKey{key, v.caller}, err
}

func (v callingVault) Key(ctx context.Context, public ed25519.PublicKey) (crypto.Signer, error) {
	v.call("Key")
	key, err := v.vault.Key(ctx, public)
	return callingKey{key, v.caller}, err
}

func (v callingVault) Forget(ctx context.Context, public ed25519.PublicKey) error {
	v.call("Forget")
	return v.vault.Forget(ctx, public)
}

type callingKey struct {
	crypto.Signer
	*caller
}

func (k callingKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.call("Sign")
	return k.Signer.Sign(random, digest, opts)
}

// within fails where f does not return: a callback waits for a lock under which it was called.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	ended := make(chan struct{})
	go func() { defer close(ended); f() }()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	select {
	case <-ended:
	case <-deadline.C:
		t.Fatalf("%s does not return", what)
	}
}

func TestEveryCallbackMayCallTheTerminal(t *testing.T) {
	everyTrouble(t, func(t *testing.T, shop *shop, hurt func()) {
		c := &caller{t: t, scanned: pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 1000, 1000 })}
		c.left.Store(40)
		shop.cfg.Logger = slog.New(c)
		shop.cfg.OnEvent = func(redeem.Event) { c.call("OnEvent") }
		shop.cfg.KeyStore = callingVault{&vault{keys: map[string]ed25519.PrivateKey{}}, c}
		shop.cfg.Policy.PerHour = trust.Allowance{Number: 1000}
		terminal := shop.open(t)
		c.terminal.Store(terminal)
		within(t, "an exchange", func() { assert.NoError(t, terminal.ReportNow(t.Context()), "the backend is there") })
		within(t, "a rotation", func() { assert.NoError(t, terminal.RotateKey(t.Context()), "the backend is there") })
		redeemedWithin(t, terminal, "before")
		redeem.AwaitCallbacks(terminal)
		hurt()
		c.left.Store(40)
		redeemedWithin(t, terminal, "after")
		within(t, "a bundle", func() {
			_ = terminal.InstallBundle(t.Context(), bundleOf(t, bundleMade(2, noon))) // the disk may be broken
		})
		within(t, "a failed exchange", func() { shop.offline(); _ = terminal.ReportNow(t.Context()) })
		within(t, "Close", func() { _ = terminal.Close() })
		for _, who := range []string{"Enabled", "Handle", "OnEvent", "NewKey", "Forget", "Sign"} {
			_, called := c.calls.Load(who)
			assert.True(t, called, "%s was called", who)
		}
	})
}

// redeemedWithin redeems and voids in several goroutines at once; what comes of it is of no interest.
func redeemedWithin(t *testing.T, terminal *redeem.Terminal, name string) {
	t.Helper()
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 100, 100 })
	within(t, "a sale "+name, func() {
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				sale := fmt.Sprint(name, i%4)
				_, _ = terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: sale})
				_, _ = terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: sale})
				for range terminal.Records(t.Context(), redeem.Query{SaleKey: sale}) {
				}
			})
		}
		group.Wait()
	})
}

func TestEventsComeInOneOrderAndOneAtATime(t *testing.T) {
	shop := newShop(t)
	var told []record.Receipt
	inside := atomic.Int64{}
	shop.cfg.OnEvent = func(e redeem.Event) {
		assert.Equal(t, int64(1), inside.Add(1), "no other call of OnEvent is under way")
		defer inside.Add(-1)
		if e.Kind == redeem.EventDecision {
			told = append(told, e.Decision.Receipt)
		}
	}
	terminal := shop.online(t)
	var want []record.Receipt
	for i := range 100 {
		d := redeemed(t, terminal, pass(t, nil), fmt.Sprint("sale ", i))
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		want = append(want, d.Receipt)
		d.Receipts[0], d.Redemptions = "", nil // the caller's own
	}
	require.NoError(t, terminal.Close(), "it returns when all were told")
	assert.Equal(t, want, told, "the decisions, in their order")
}
