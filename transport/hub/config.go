package hub

import (
	"crypto"
	"crypto/ed25519"
	"log/slog"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Config says how a Server works. Key and Lanes are required.
type Config struct {
	// Key is the hub's own Ed25519 key, which the lanes know.
	Key crypto.Signer
	// Lanes returns the lanes of the store that are not blocked. Others are refused. It is called often and by several
	// goroutines at once, and must not call the Server. What it returned is not changed.
	Lanes func() []record.HubPeer
	// Lease is how long a claim that its lane does not confirm refuses others, 1 second to an hour; 0: 10 seconds.
	Lease time.Duration
	// Wait is how long a new epoch waits for lanes to say what they know, and then what they hold; 0: 5 seconds. Meanwhile
	// lanes decide alone. Afterwards what a missing lane may hold asks a manager.
	Wait time.Duration
	// TakeOver begins a new epoch though the server's folder has one: the store had another hub meanwhile, and lanes know
	// its higher one.
	TakeOver bool
	// Earliest is the earliest moment that it can be, by signed time; claims are dropped by it. nil, or the zero time:
	// none is dropped.
	Earliest func() time.Time
	// SinceBoot is the machine's count since boot, suspend included; nil: the process's own, with which a claim lasts
	// longer over a suspend.
	SinceBoot func() time.Duration
	// Backend is the host and port of the one backend that lanes may reach through the hub; empty: none.
	Backend string
	// SegmentSize is as in journal.Config.
	SegmentSize int64
	// Connections is the most connections at once, tunnels included; 0: 1,000. What comes beyond waits.
	Connections int
	// PerAddress is the most connections at once from one address, of which what comes beyond is closed; 0: a quarter of
	// Connections, at least 16.
	PerAddress int
	// Logger gets structured logs; nil: none.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Lease == 0 {
		c.Lease = 10 * time.Second
	}
	if c.Wait == 0 {
		c.Wait = 5 * time.Second
	}
	if c.Connections == 0 {
		c.Connections = 1000
	}
	if c.PerAddress == 0 {
		c.PerAddress = max(c.Connections/4, 16)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.SinceBoot == nil {
		started := time.Now()
		c.SinceBoot = func() time.Duration { return time.Since(started) }
	}
	if c.Earliest == nil {
		c.Earliest = func() time.Time { return time.Time{} }
	}
	return c
}

// check returns nil for what a server can work by, else fault.InvalidRequest.
func (c *Config) check() error {
	const op = "hub.Open"
	if c.Key == nil || c.Lanes == nil {
		return fault.New(fault.InvalidRequest, op, "Key and Lanes are required")
	}
	if _, ok := c.Key.Public().(ed25519.PublicKey); !ok {
		return fault.New(fault.InvalidRequest, op, "the hub's key is no Ed25519 key")
	}
	if c.Lease != 0 && (c.Lease < time.Second || c.Lease > time.Hour) {
		return fault.New(fault.InvalidRequest, op, "a lease of %s is not between a second and an hour", c.Lease)
	}
	if c.Wait < 0 || c.Connections < 0 || c.PerAddress < 0 {
		return fault.New(fault.InvalidRequest, op, "Wait %s, Connections %d and PerAddress %d cannot be negative", c.Wait,
			c.Connections, c.PerAddress)
	}
	return nil
}
