package transport

import (
	"net/http"
	"net/url"
)

// ProxyOf returns how the client's own transport chooses a proxy.
func ProxyOf(c *Client) func(*http.Request) (*url.URL, error) {
	return c.http.HTTPClient.Transport.(*http.Transport).Proxy
}
