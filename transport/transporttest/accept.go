package transporttest

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/offlane/offlane/transport/wire"
)

// AcceptFrom returns a Target's Offer for a backend that can do wire.CanDevice: each offer is accepted from the
// campaign as a new device would. A nil client is http.DefaultClient; it must keep no cookies.
func AcceptFrom(url string, client *http.Client, campaign string) func(context.Context) (string, error) {
	if client == nil {
		client = http.DefaultClient
	}
	return acceptFrom(&suite{Target{URL: strings.TrimRight(url, "/"), Client: client}}, campaign)
}

func acceptFrom(s *suite, campaign string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		resp, err := s.post(ctx, wire.PathDeviceOffers, "", wire.Accept{Campaign: campaign})
		if err != nil {
			return "", err
		}
		if resp.status != http.StatusCreated {
			return "", breach("accepting an offer of campaign %q: status %d: %s", campaign, resp.status,
				resp.body[:min(len(resp.body), 500)])
		}
		accepted, err := wire.Read[wire.DeviceOffer](bytes.NewReader(resp.body), wire.MaxBody)
		return accepted.Pass, err
	}
}
