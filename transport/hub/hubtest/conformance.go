package hubtest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A Target starts a hub that works as a Setup says. It is called again for hubs with other setups, and for one that was
// stopped. One hub runs at a time.
type Target func(ctx context.Context, s Setup) (Hub, error)

// A Setup says how a hub works.
type Setup struct {
	// Dir is the hub's folder: empty at first, and with what the hub left there when it is started again.
	Dir string
	// Key is the hub's own.
	Key ed25519.PrivateKey
	// Lanes are those of the store. The hub knows no other keys.
	Lanes []record.HubPeer
	// Lease is how long a claim that is granted refuses others.
	Lease time.Duration
	// Wait is how long a new epoch waits for lanes to say what they know, and then what they hold.
	Wait time.Duration
	// Backend is the host and port to which the hub leads lanes.
	Backend string
}

// A Hub is one that runs.
type Hub struct {
	// Address is its host and port.
	Address string
	// Stop ends it, best as a power cut does. Its folder stays.
	Stop func() error
	// Advance moves the hub's count since boot ahead; nil: the rules wait for leases to end.
	Advance func(time.Duration)
}

// A Rule is one promise of the contract.
type Rule struct {
	// Name is a few words joined by hyphens; it stays the same from release to release.
	Name string
	// Text says what is promised.
	Text  string
	check func(*store)
}

// Rules lists the rules in the order in which they are checked.
func Rules() []Rule {
	var all []Rule
	for _, group := range [][]Rule{trustRules, sessionRules, claimRules, leaseRules, giveUpRules, factRules, voidRules,
		reservationRules, epochRules, restartRules, limitRules} {
		all = append(all, group...)
	}
	return all
}

// TestConformance runs each rule as a subtest.
func TestConformance(t *testing.T, target Target) {
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			if err := rule.Check(t.Context(), target); err != nil {
				t.Errorf("%s\n%v", rule.Text, err)
			}
		})
	}
}

// longest is how long a rule may take.
const longest = time.Minute

// A broken is what the functions of a rule panic with that the hub does not keep.
type broken struct{ error }

// Check checks the rule with hubs that the target starts. Its error is nil, or says what the hub did instead.
func (r Rule) Check(ctx context.Context, target Target) (err error) {
	dir, err := os.MkdirTemp("", "hubtest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	s := newStore(ctx, target, dir)
	defer func() {
		end := recover()
		err = errors.Join(err, s.close())
		if b, ok := end.(broken); ok {
			err = errors.Join(b.error, err)
		} else if end != nil {
			panic(end)
		}
	}()
	r.check(s)
	return nil
}

// fail ends the rule: the hub did something else than the contract asks for.
func fail(format string, args ...any) {
	panic(broken{fault.New(fault.NotTheContract, "hubtest.Conformance", format, args...)})
}
