package hub

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// HostConfig says how a lane hosts the hub of its store. Dir and Listen are required.
type HostConfig struct {
	// Dir is the hub's own folder.
	Dir string
	// Listen is the address on which it takes the store's lanes, such as ":7346".
	Listen string
	// Server is how the hub works. Its Key is the lane's, its Lanes are those of the trust bundle, and its clocks are the
	// terminal's, so that these must be zero; and so must the Hosts, the Address and the Dial of Client, which is how the
	// lane itself asks the hub.
	Server Config
	Client ClientConfig
}

// A Host is the hub of a store in the program of one of its lanes, and that lane's client. It is a redeem.Hub, made for
// one Terminal, which starts and stops it. The trust bundle says which lanes there are, and who may host: a lane that
// may not is refused by the others. A lane that changes its key hosts with the new one when its program starts again,
// in another epoch. Its methods may be called by several goroutines at once.
type Host struct {
	*Client
	cfg HostConfig

	mu     sync.Mutex     // guards what follows
	own    record.HubLane // that the terminal gave; nil: no terminal started it yet
	server *Server
	at     net.Addr   // where it listens
	served chan error // gets the end of Serve; nil: nothing is served
}

// NewHost makes a host. It listens when a terminal starts it. Its error is fault.InvalidRequest.
func NewHost(cfg HostConfig) (*Host, error) {
	const op = "hub.NewHost"
	s, c := &cfg.Server, &cfg.Client
	_, _, err := net.SplitHostPort(cfg.Listen)
	switch {
	case err != nil:
		return nil, fault.New(fault.InvalidRequest, op, "%q is no host and port: %w", cfg.Listen, err)
	case cfg.Dir == "":
		return nil, fault.New(fault.InvalidRequest, op, "Dir is required: give the hub a folder of its own")
	case s.Key != nil || s.Lanes != nil || s.Earliest != nil || s.SinceBoot != nil:
		return nil, fault.New(fault.InvalidRequest, op, "the hub's key, lanes and clocks are those of its terminal")
	case c.Address != "" || c.Hosts != nil || c.Dial != nil:
		return nil, fault.New(fault.InvalidRequest, op, "the lane finds its own hub: no Address, Hosts or Dial")
	}
	h := &Host{cfg: cfg}
	c.Address, c.Dial = cfg.Listen, h.dial
	if h.Client, err = NewClient(*c); err != nil {
		return nil, err
	}
	return h, nil
}

// Start opens the hub, listens, and connects the lane to it. Errors: those of Open and of Client.Start;
// fault.Unavailable where it cannot listen.
func (h *Host) Start(ctx context.Context, lane record.HubLane) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server != nil {
		return fault.New(fault.Conflict, "hub.Start", "the host was started before: make one for each terminal")
	}
	cfg := h.cfg.Server
	cfg.Key, cfg.Lanes, cfg.Earliest, cfg.SinceBoot = lane.Key(), lane.Peers, lane.Earliest, lane.SinceBoot
	server, err := Open(ctx, h.cfg.Dir, cfg)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.cfg.Listen)
	if err != nil {
		return errors.Join(fault.New(fault.Unavailable, "hub.Start", "the hub cannot listen: %w", err), server.Close())
	}
	h.server, h.served = server, make(chan error, 1)
	h.at, h.own = listener.Addr(), lane
	go func() { h.served <- server.Serve(listener) }()
	if err := h.Client.Start(ctx, lane); err != nil {
		return errors.Join(err, h.closeLocked())
	}
	return nil
}

// Stop ends the lane's connection, and the hub with those of all lanes. Calling it again does nothing.
func (h *Host) Stop() {
	h.Client.Stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.closeLocked(); err != nil {
		h.log.Warn("the hub was not closed as it should be", "error", err)
	}
}

func (h *Host) closeLocked() error {
	if h.served == nil {
		return nil
	}
	err := h.server.Close()
	<-h.served // it ended because of that
	h.served = nil
	return err
}

// Server returns the hub; nil: no terminal started it yet.
func (h *Host) Server() *Server {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.server
}

// Peers are the terminals of the store that the trust bundle names; none before a terminal started it. They must not be
// changed.
func (h *Host) Peers() []record.HubPeer {
	h.mu.Lock()
	own := h.own
	h.mu.Unlock()
	if own == nil {
		return nil
	}
	return own.Peers()
}

// Addr is where the hub listens; nil: no terminal started it yet.
func (h *Host) Addr() net.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

// dial connects the lane to its own hub, by loopback where it listens on all addresses.
func (h *Host) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	address := ""
	switch at := h.Addr().(type) {
	case nil:
		return nil, fault.New(fault.Unreachable, "", "the hub does not listen yet")
	case *net.TCPAddr:
		own := *at
		if own.IP.IsUnspecified() {
			own.IP = net.IPv4(127, 0, 0, 1)
		}
		address = own.String()
	default:
		address = at.String()
	}
	return (&net.Dialer{Timeout: dialHub}).DialContext(ctx, network, address)
}
