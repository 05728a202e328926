package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// tellTimeout bounds what is sent in the background, unless a question may take longer.
const tellTimeout = 2 * time.Second

// run greets the hub, tells it what the lane did alone, and then what it does, until ctx ends.
func (c *Client) run(ctx context.Context) {
	defer close(c.stopped)
	tries := 0 // in a row that failed
	for once := true; ctx.Err() == nil; once = false {
		err := c.greet(ctx)
		if err == nil {
			tries = 0
			c.setReady()
		} else if ctx.Err() == nil {
			c.setAway(err)
		}
		if once {
			close(c.first)
		}
		greeted := time.Now()
		if err == nil {
			err = c.serve(ctx)
		}
		if ctx.Err() == nil && (time.Since(greeted) < c.cfg.Every || !isSoon(err)) {
			c.http.CloseIdleConnections()
			c.rest(ctx, tries)
			tries++
		}
	}
}

// isSoon reports whether the hub may be greeted again at once: it is there, but began anew, or the lane's journal is to
// be read.
func isSoon(err error) bool { return err == errLook || errors.Is(err, fault.StaleClaim) }

// rest waits before the hub is tried again: first shortly, since a program that is started again is there soon, and up
// to Every.
func (c *Client) rest(ctx context.Context, tries int) {
	most := c.cfg.Every >> max(soonest-tries, 0)
	timer := time.NewTimer(most/2 + rand.N(most/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// soonest is how often the time until the next try doubles.
const soonest = 4

// serve tells the hub what is recorded, until it does not answer or somebody found that out.
func (c *Client) serve(ctx context.Context) error {
	ticker := time.NewTicker(c.cfg.Every)
	defer ticker.Stop()
	for {
		select {
		case <-c.wake:
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !c.ready.Load() {
			return c.lastError()
		}
		if err := c.tellQueued(ctx); err != nil {
			if ctx.Err() == nil {
				c.setAway(err)
			}
			return err
		}
	}
}

func (c *Client) lastError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastErr
}

// greet begins a session and tells everything that the hub does not know.
func (c *Client) greet(ctx context.Context) error {
	known, chain := c.lane.Epoch(), c.lane.Chain()
	short, cancel := context.WithTimeout(ctx, max(tellTimeout, c.cfg.Timeout))
	defer cancel()
	out, err := post[welcome](short, c, pathHello, hello{Epoch: known, Chain: chain})
	if err != nil {
		return err
	}
	if err := c.accept(ctx, known, &out); err != nil {
		return err
	}
	c.mu.Lock()
	c.session = session{epoch: out.Epoch, number: out.Session, lease: time.Duration(out.Lease) * time.Millisecond}
	c.queue, c.giveUps = nil, nil // the journal has the one, and the hub lists the other
	c.mu.Unlock()
	return c.announce(ctx, chain, out.Told, out.Open)
}

// accept refuses a hub of an epoch that ended, or that is not the one that it says, and keeps a new epoch on disk.
func (c *Client) accept(ctx context.Context, known record.HubEpoch, w *welcome) error {
	got := w.Epoch
	switch {
	case got.Number == 0 || got.Number > maxEpoch || w.Session == 0 || w.Session >= 1<<31 ||
		w.Lease <= 0 || w.Lease > time.Hour.Milliseconds():
		return fault.New(fault.NotTheContract, "hub.Client", "the hub gives no epoch, session or lease that can be")
	case got.Number < known.Number || got.Number == known.Number && !got.Key.Equal(known.Key):
		return fault.New(fault.WrongEpoch, "hub.Client", "the hub works in epoch %d, and the lane knows epoch %d of "+
			"another one: see which hub is in service", got.Number, known.Number)
	case got.Number == known.Number:
		return nil
	}
	return c.lane.KeepEpoch(ctx, got)
}

// post sends a message and reads the answer. An answer in another hub's name is refused.
func post[Out any](ctx context.Context, c *Client, path string, in any) (Out, error) {
	var out Out
	body, err := json.Marshal(in)
	if err != nil {
		return out, fault.New(fault.Internal, "", "%w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+c.cfg.Address+path, bytes.NewReader(body))
	if err != nil {
		return out, fault.New(fault.InvalidRequest, "", "%w", err)
	}
	req.Header.Set("Content-Type", wire.RequestType)
	resp, err := c.http.Do(req)
	if err != nil {
		return out, fault.New(fault.Unreachable, "", "%w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return out, problemOf(resp)
	}
	if out, err = wire.Read[Out](resp.Body, maxAnswer); err != nil {
		return out, fault.New(fault.NotTheContract, "", "%w", err)
	}
	if w, ok := any(&out).(*welcome); ok && !peerKey(resp.TLS).Equal(w.Epoch.Key) {
		return out, fault.New(fault.WrongEpoch, "", "the hub names another key than its own")
	}
	c.lastAnswer.Store(time.Now().UnixMilli())
	return out, nil
}

// maxCode is the most bytes of a fault.Code in an answer.
const maxCode = 64

// problemOf is the error that the hub answered with.
func problemOf(resp *http.Response) error {
	p, err := wire.Read[wire.Problem](resp.Body, 16<<10)
	if err != nil || p.Code() == "" || len(p.Code()) > maxCode {
		return fault.New(fault.NotTheContract, "", "the hub answered with status %d", resp.StatusCode)
	}
	return fault.New(p.Code(), "", "the hub says: %.500s", p.Detail)
}
