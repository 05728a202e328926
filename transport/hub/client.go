package hub

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// ClientConfig says how a terminal reaches the hub of its store. Address is required.
type ClientConfig struct {
	// Address is the hub's host and port.
	Address string
	// Hosts returns the keys of which the hub has one. It is called by several goroutines at once. nil: those of the
	// terminals of its store that may host by the trust bundle.
	Hosts func() []ed25519.PublicKey
	// Timeout is how long one question may take before the terminal decides alone; 0: 150 ms.
	Timeout time.Duration
	// Every is how often a hub from which nothing was heard is asked whether it is there, and how soon one that was away
	// is tried again; 0: 500 ms.
	Every time.Duration
	// Dial connects to the hub; nil: TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Logger gets structured logs; nil: none.
	Logger *slog.Logger
}

func (c ClientConfig) withDefaults() ClientConfig {
	if c.Timeout == 0 {
		c.Timeout = 150 * time.Millisecond
	}
	if c.Every == 0 {
		c.Every = 500 * time.Millisecond
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: dialHub}).DialContext
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// dialHub is how long connecting to the hub may take.
const dialHub = 2 * time.Second

// A Client connects one terminal to the hub of its store. It is a redeem.Hub, made for one Terminal; the terminal
// starts and stops it. Its methods may be called by several goroutines at once.
type Client struct {
	cfg  ClientConfig
	log  *slog.Logger
	lane record.HubLane
	http *http.Client

	ready atomic.Bool   // the hub answers and knows all that the lane recorded: the circuit is closed
	wake  chan struct{} // there is something to tell, or the hub is to be tried again
	first chan struct{} // closed when the hub was tried once

	timers timers

	lastAnswer atomic.Int64 // by the wall clock, in milliseconds since 1970

	mu        sync.Mutex // guards what follows
	session   session
	working   map[sold]attemptOf // claims that the terminal is about to record
	queue     []record.ID        // records to be told
	giveUps   []attempt
	questions questions
	known     bool // Notify was told that the hub is there
	lastErr   error
	answered  chan struct{} // closed when ready changes to true

	background context.Context // ends with Stop
	stop       context.CancelFunc
	stopped    chan struct{}
	closing    sync.Once
}

// NewClient makes a client. It connects when a terminal starts it. Its error is fault.InvalidRequest.
func NewClient(cfg ClientConfig) (*Client, error) {
	const op = "hub.NewClient"
	if _, _, err := net.SplitHostPort(cfg.Address); err != nil {
		return nil, fault.New(fault.InvalidRequest, op, "%q is no host and port: %w", cfg.Address, err)
	}
	if cfg.Timeout < 0 || cfg.Every < 0 {
		return nil, fault.New(fault.InvalidRequest, op, "Timeout %s and Every %s cannot be negative", cfg.Timeout, cfg.Every)
	}
	cfg = cfg.withDefaults()
	return &Client{
		cfg: cfg, log: cfg.Logger, wake: make(chan struct{}, 1), first: make(chan struct{}), working: map[sold]attemptOf{},
		answered: make(chan struct{}), stopped: make(chan struct{}),
	}, nil
}

// Start connects a terminal in the background. A client serves one terminal, once; otherwise the error is
// fault.Conflict.
func (c *Client) Start(ctx context.Context, lane record.HubLane) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lane != nil {
		return fault.New(fault.Conflict, "hub.Start", "the client was started before: make one for each terminal")
	}
	hosts := c.cfg.Hosts
	if hosts == nil {
		hosts = func() []ed25519.PublicKey { return hostsOf(lane) }
	}
	config, err := clientTLS(lane.Key(), hosts)
	if err != nil {
		return err
	}
	certificates := &certificates{lane: lane}
	config.Certificates, config.GetClientCertificate = nil, certificates.get
	c.lane = lane
	c.http = &http.Client{Transport: &http.Transport{
		DialContext: c.cfg.Dial, TLSClientConfig: config, TLSHandshakeTimeout: max(tellTimeout, c.cfg.Timeout),
		MaxIdleConns: 16, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, DisableCompression: true,
		MaxResponseHeaderBytes: 8 << 10,
	}}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.background, c.stop = background, stop
	go c.run(background)
	return nil
}

// hostsOf are the keys of the terminals that may host.
func hostsOf(lane record.HubLane) (keys []ed25519.PublicKey) {
	for _, peer := range lane.Peers() {
		if peer.MayHost {
			keys = append(keys, peer.Key)
		}
	}
	return keys
}

// Stop ends the connection. What was not told is told when the terminal starts again. Calling it again does nothing.
func (c *Client) Stop() {
	c.closing.Do(func() {
		c.mu.Lock()
		stop := c.stop
		c.mu.Unlock()
		if stop == nil {
			return
		}
		stop()
		<-c.stopped
		c.mu.Lock()
		c.ready.Store(false)
		c.questions.closed = true
		c.mu.Unlock()
		c.questions.running.Wait()
		c.http.CloseIdleConnections()
	})
}

// Status tells how the terminal stands to the hub.
func (c *Client) Status() record.HubStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	status := record.HubStatus{Ready: c.ready.Load(), Epoch: c.session.epoch.Number, Untold: len(c.queue),
		Open: len(c.working)}
	if at := c.lastAnswer.Load(); at != 0 {
		status.LastAnswer = time.UnixMilli(at).UTC()
	}
	if c.lastErr != nil {
		status.LastError = c.lastErr.Error()
	}
	return status
}

// Tell has the hub told of records that are on disk. Without ids something may have been recorded, and the journal is
// looked at. It does not wait.
func (c *Client) Tell(ids ...record.ID) {
	c.mu.Lock()
	c.queue = append(c.queue, ids...)
	doubt := len(ids) == 0 || len(c.queue) > mostQueued
	c.mu.Unlock()
	if doubt {
		c.setAway(errLook)
	}
	c.poke()
}

// mostQueued is how many records wait to be told before the client rather reads the journal.
const mostQueued = 4096

// errLook has a client read the journal of its lane.
var errLook = errors.New("the lane's journal is to be read")

// GiveUp ends a claim that came to nothing. It does not wait.
func (c *Client) GiveUp(req record.ClaimRequest, claim record.Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if claim.Attempt == 0 {
		return
	}
	s := c.session.soldItem(&req)
	if c.working[s].attempt == claim.Attempt {
		delete(c.working, s)
	}
	c.giveUpLocked(claim.Epoch, attempt{s.sale, s.offer, claim.Attempt})
}

// giveUpLocked has the hub told that a claim came to nothing; one of another epoch has ended with that.
func (c *Client) giveUpLocked(epoch uint64, a attempt) {
	if epoch != c.session.epoch.Number {
		return
	}
	c.giveUps = append(c.giveUps, a)
	if len(c.giveUps) > maxGiveUps { // the hub lists those that are missing when it is greeted again
		c.giveUps = c.giveUps[1:]
	}
	c.poke()
}

func (c *Client) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// setAway opens the circuit: until the hub was greeted again, the terminal decides alone.
func (c *Client) setAway(err error) {
	c.mu.Lock()
	c.lastErr = err
	if c.ready.Swap(false) {
		c.answered = make(chan struct{})
	}
	told := c.known && err != errLook
	if told {
		c.known = false
	}
	c.mu.Unlock()
	if told {
		c.lane.Notify(record.HubNotice{Kind: record.HubAway})
		c.log.Warn("the hub does not answer", "error", err)
	}
	c.poke()
}

// setReady closes the circuit.
func (c *Client) setReady() {
	c.mu.Lock()
	c.lastErr = nil
	known := c.known
	c.known = true
	close(c.answered)
	c.ready.Store(true)
	c.mu.Unlock()
	if !known {
		c.lane.Notify(record.HubNotice{Kind: record.HubBack})
		c.log.Info("the hub answers")
	}
}

// certificates makes the lane's certificate anew when its key changes.
type certificates struct {
	lane record.HubLane

	mu   sync.Mutex // guards what follows
	key  ed25519.PublicKey
	made *tls.Certificate
}

func (c *certificates) get(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	key := c.lane.Key()
	public, _ := key.Public().(ed25519.PublicKey)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil || !public.Equal(c.key) {
		made, err := certificate(key)
		if err != nil {
			return nil, err
		}
		c.key, c.made = public, made
	}
	return c.made, nil
}
