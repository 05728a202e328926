package wire

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// Origins are those of pages (RFC 6454, section 6.2) that may use the device API for a merchant's campaigns, such as
// "https://shop.example". Without TLS an origin is of a loopback address. At most 20.
type Origins struct {
	Origins []string `json:"origins"`
}

const maxOrigins = 20

// Check returns fault.InvalidRequest for what is no list of origins. The detail begins with the field.
func (o *Origins) Check() error {
	if len(o.Origins) > maxOrigins {
		return fault.Invalid("origins: %d are more than %d", len(o.Origins), maxOrigins)
	}
	for i, origin := range o.Origins {
		at := fmt.Sprintf("origins[%d]", i)
		if err := checkOrigin(at, origin); err != nil {
			return err
		}
		if slices.Contains(o.Origins[:i], origin) {
			return fault.Invalid("%s: %q stands twice", at, origin)
		}
	}
	return nil
}

// checkOrigin asks for a scheme and a host as a browser writes them, and nothing else.
func checkOrigin(at, origin string) error {
	u, err := url.Parse(origin)
	isPlain := err == nil && (&url.URL{Scheme: u.Scheme, Host: u.Host}).String() == origin && u.Host != ""
	if !isPlain || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return fault.Invalid("%s: %.100q is no origin: write https:// and the host, and a port where it is not 443, "+
			"without a slash at the end", at, origin)
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
