package transport

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// Config says how a Client reaches its backend. Only URL is required.
type Config struct {
	// URL is the backend's base address, such as https://offers.example.com. http is taken for a loopback address alone.
	URL string
	// Attempts is how often one exchange is tried in all before its error is returned; 0: 3, at most 10.
	Attempts int
	// Wait bounds the random wait before the second attempt, doubling with each further one up to 2 seconds; 0: 250 ms.
	Wait time.Duration
	// Timeout bounds one attempt, from dialling to the end of the answer; 0: 30 seconds.
	Timeout time.Duration
	// TLS adds to the defaults of crypto/tls, such as a private certificate authority; nil: the system's authorities.
	// Certificates are always verified: InsecureSkipVerify is refused.
	TLS *tls.Config
	// RoundTripper replaces the client's own, which takes proxies from the environment (HTTPS_PROXY, NO_PROXY). TLS is
	// then its own business and the field TLS must be nil.
	RoundTripper http.RoundTripper
	// Traceparent returns the W3C Trace Context that a request is sent with, taken from the caller's context. nil or "":
	// none.
	Traceparent func(context.Context) string
	// UserAgent names the caller's program; empty: "offlane".
	UserAgent string
	// Logger is told of every exchange at debug level; it never sees tokens or records. nil: silent.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Attempts <= 0 {
		c.Attempts = 3
	}
	c.Attempts = min(c.Attempts, 10)
	if c.Wait <= 0 {
		c.Wait = 250 * time.Millisecond
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.UserAgent == "" {
		c.UserAgent = "offlane"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// base checks the address and returns it without a slash at its end.
func (c Config) base() (*url.URL, error) {
	const op = "transport.New"
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" {
		return nil, fault.New(fault.InvalidRequest, op,
			"%q is no address of a backend: give one such as https://offers.example.com", c.URL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.New(fault.InvalidRequest, op,
			"the backend's address has a user, a query or a fragment: leave them out")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fault.New(fault.TLS, op, "%s is neither https nor a loopback address", u.Redacted())
	}
	if c.TLS != nil && (c.TLS.InsecureSkipVerify || c.RoundTripper != nil) {
		return nil, fault.New(fault.InvalidRequest, op, "TLS must verify certificates, and is not used beside a RoundTripper")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// roundTripper returns the caller's, or one that talks to a single host and is patient with slow links.
func (c Config) roundTripper() http.RoundTripper {
	if c.RoundTripper != nil {
		return c.RoundTripper
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     c.TLS.Clone(), // nil stays nil
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        4,
		IdleConnTimeout:     90 * time.Second,
	}
}
