package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/transport/hub"
)

// hubOf makes the client of the store's hub; nil: the till has none. The terminal starts and stops it.
func (t *till) hubOf(o options) (redeem.Hub, error) {
	if o.Hub == "" {
		return nil, nil
	}
	cfg, err := o.hubConfig()
	if err != nil {
		return nil, err
	}
	cfg.Logger = t.log
	return hub.NewClient(cfg)
}

// hubConfig is what the options say of the hub, or which of them is wrong.
func (o options) hubConfig() (cfg hub.ClientConfig, err error) {
	if o.Hub == "" {
		if o.HubKeys != "" || o.HubWait != "" {
			return cfg, errors.New("-hubkeys and -hubwait need -hub: give the hub's host and port")
		}
		return cfg, nil
	}
	host, port, err := net.SplitHostPort(o.Hub)
	if err != nil || host == "" || port == "" {
		return cfg, fmt.Errorf("-hub %s: give a host and a port, such as 192.0.2.7:7346", o.Hub)
	}
	hosts, err := parseKeys(o.HubKeys)
	if err != nil {
		return cfg, err
	}
	cfg = hub.ClientConfig{Address: o.Hub, Hosts: func() []ed25519.PublicKey { return hosts }}
	if o.HubWait != "" {
		if cfg.Timeout, err = time.ParseDuration(o.HubWait); err != nil || cfg.Timeout <= 0 {
			return cfg, fmt.Errorf("-hubwait %s: give a time above zero, such as 150ms", o.HubWait)
		}
	}
	return cfg, nil
}

func parseKeys(text string) (keys []ed25519.PublicKey, err error) {
	if text == "" {
		return nil, errors.New("-hubkeys is missing: give the public keys of which the hub has one")
	}
	for _, one := range strings.Split(text, ",") {
		key, err := hex.DecodeString(one)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("-hubkeys %.80s: an Ed25519 public key is written in 64 hex digits", one)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
