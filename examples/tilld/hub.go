package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/transport/hub"
)

// hubOf makes the client of the store's hub, or the hub itself where the till hosts it; nil: the till has none. The
// terminal starts and stops it.
func (t *till) hubOf(o options) (redeem.Hub, error) {
	cfg, err := o.hubConfig()
	if err != nil {
		return nil, err
	}
	cfg.Logger = t.log
	switch {
	case o.Host != "":
		return hub.NewHost(hub.HostConfig{Dir: filepath.Join(o.Dir, "hub"), Listen: o.Host, Client: cfg,
			Server: hub.Config{Logger: t.log}})
	case o.Hub != "":
		return hub.NewClient(cfg)
	}
	return nil, nil
}

// hubConfig is what the options say of the hub, or which of them is wrong.
func (o options) hubConfig() (cfg hub.ClientConfig, err error) {
	switch {
	case o.Hub != "" && o.Host != "":
		return cfg, errors.New("-hub and -host: a till asks another one's hub or is the host")
	case o.Hub == "" && o.HubKeys != "":
		return cfg, errors.New("-hubkeys needs -hub: give the hub's host and port")
	case o.Hub == "" && o.Host == "" && o.HubWait != "":
		return cfg, errors.New("-hubwait needs -hub or -host: the till asks no hub")
	}
	if o.Host != "" {
		if _, _, err := net.SplitHostPort(o.Host); err != nil {
			return cfg, fmt.Errorf("-host %s: give an address and a port, such as :7346", o.Host)
		}
	}
	if o.Hub != "" {
		host, port, err := net.SplitHostPort(o.Hub)
		if err != nil || host == "" || port == "" {
			return cfg, fmt.Errorf("-hub %s: give a host and a port, such as 192.0.2.7:7346", o.Hub)
		}
		cfg.Address = o.Hub
	}
	if o.HubKeys != "" {
		hosts, err := parseKeys(o.HubKeys)
		if err != nil {
			return cfg, err
		}
		cfg.Hosts = func() []ed25519.PublicKey { return hosts }
	}
	if o.HubWait != "" {
		if cfg.Timeout, err = time.ParseDuration(o.HubWait); err != nil || cfg.Timeout <= 0 {
			return cfg, fmt.Errorf("-hubwait %s: give a time above zero, such as 150ms", o.HubWait)
		}
	}
	return cfg, nil
}

func parseKeys(text string) (keys []ed25519.PublicKey, err error) {
	for _, one := range strings.Split(text, ",") {
		key, err := hex.DecodeString(one)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("-hubkeys %.80s: an Ed25519 public key is written in 64 hex digits", one)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
