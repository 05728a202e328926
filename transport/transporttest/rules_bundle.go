package transporttest

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/wire"
)

var bundleRules = []Rule{
	{"bundle", "The trust bundle is signed by a key of the enrolment, for the terminal's merchant, with its version as " +
		"ETag.", checkBundle},
	{"bundle-unchanged", "A terminal that has the newest bundle is answered 304.", checkBundleUnchanged},
	{"revocation-arrives", "A terminal is soon handed a bundle, or a delta to the one it has, that revokes what was " +
		"revoked.",
		checkRevocation},
	{"bundle-whole", "A terminal that has no bundle is handed one, with its delta, that is no older than any it was " +
		"handed before.",
		checkWhole},
}

func checkBundle(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	resp, err := s.call(ctx, http.MethodGet, wire.PathBundle, t.told.Token, nil, nil)
	if err != nil {
		return err
	}
	if resp.status != http.StatusOK || resp.mediaType() != wire.BundleType {
		return breach("status %d with type %q, not 200 with %q", resp.status, resp.header.Get("Content-Type"),
			wire.BundleType)
	}
	roots, err := t.roots()
	if err != nil {
		return err
	}
	bundle, err := trust.Verify(resp.body, roots)
	if err != nil {
		return breach("the bundle: %w", err)
	}
	if bundle.Merchant != t.told.Place.Merchant {
		return breach("the bundle is for merchant %q, the terminal belongs to %q", bundle.Merchant, t.told.Place.Merchant)
	}
	if got := resp.header.Get("ETag"); got != etag(bundle.Sequence) {
		return breach("the bundle with sequence %d has ETag %s", bundle.Sequence, got)
	}
	return nil
}

func checkBundleUnchanged(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	first, err := s.call(ctx, http.MethodGet, wire.PathBundle, t.told.Token, nil, nil)
	if err != nil {
		return err
	}
	second, err := s.call(ctx, http.MethodGet, wire.PathBundle, t.told.Token,
		http.Header{"If-None-Match": {first.header.Get("ETag")}}, nil)
	if err != nil {
		return err
	}
	changed := second.status == http.StatusOK && !bytes.Equal(first.body, second.body) // it may just have been made anew
	if second.status != http.StatusNotModified && !changed {
		return breach("status %d with %d bytes for a bundle that the terminal has", second.status, len(second.body))
	}
	return nil
}

// etag is the ETag of the bundle with this sequence.
func etag(sequence uint64) string { return strconv.Quote(strconv.FormatUint(sequence, 10)) }

// soon is how long a change may take until terminals are handed it; tests of this package wait for less.
var soon = 15 * time.Second

// between is how long a terminal waits until it asks again.
const between = 50 * time.Millisecond

// fetch hands the till a bundle, to the one that it has; nil: it has none.
func (t *till) fetch(ctx context.Context, have *trust.Bundle) (*trust.Bundle, error) {
	header := http.Header{}
	if have != nil {
		header.Set("If-None-Match", etag(have.Sequence))
	}
	resp, err := t.suite.call(ctx, http.MethodGet, wire.PathBundle, t.told.Token, header, nil)
	if err != nil || resp.status == http.StatusNotModified && have != nil {
		return have, err
	}
	if resp.status != http.StatusOK {
		return nil, breach("status %d for the bundle: %w", resp.status, resp.problem())
	}
	roots, err := t.roots()
	if err != nil {
		return nil, err
	}
	b, err := trust.Accept(have, resp.body, roots, t.told.Place.Merchant)
	if err != nil {
		return nil, breach("the bundle is not taken: %w", err)
	}
	return b, nil
}

// makeRevoked makes a terminal of the owner's that has a bundle, and an offer of the owner's that is revoked since.
func (s *suite) makeRevoked(ctx context.Context) (t *till, have *trust.Bundle, gone offer.Presented, err error) {
	if s.Owner.Key == "" {
		return nil, nil, gone, skip("the target names no merchant with its management keys")
	}
	campaign := wire.Campaign{ID: newCampaign(), Title: "Conformance"}
	if _, err := wantCreated[wire.Campaign](s.side().post(ctx, wire.PathCampaigns, s.Owner.Key, campaign)); err != nil {
		return nil, nil, gone, err
	}
	text, err := AcceptFrom(s.URL, s.Client, campaign.ID)(ctx)
	if err != nil {
		return nil, nil, gone, skip("the backend issues no passes to devices")
	}
	if gone, err = offer.Parse(text); err != nil {
		return nil, nil, gone, breach("the offer cannot be read: %w", err)
	}
	if t, err = s.tillOfOwner(ctx); err != nil {
		return nil, nil, gone, err
	}
	if have, err = t.fetch(ctx, nil); err != nil {
		return nil, nil, gone, err
	}
	if have.IsRevoked(gone.ID, "", "") {
		return nil, nil, gone, breach("an offer that was just accepted is revoked")
	}
	_, err = good[wire.Revoked](s.side().post(ctx, wire.PathRevocations, s.Owner.Key,
		wire.Revocation{Offers: []string{text}}))
	return t, have, gone, err
}

// hears fetches what is newer until the offer is revoked in it.
func (t *till) hears(ctx context.Context, have *trust.Bundle, gone offer.ID) (*trust.Bundle, error) {
	ctx, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	for {
		next, err := t.fetch(ctx, have)
		switch {
		case ctx.Err() != nil:
			return nil, breach("the offer is not revoked in what a terminal is handed %s later", soon)
		case err != nil || next.IsRevoked(gone, "", ""):
			return next, err
		}
		have = next
		select {
		case <-time.After(between):
		case <-ctx.Done():
		}
	}
}

func checkRevocation(ctx context.Context, s *suite) error {
	t, have, gone, err := s.makeRevoked(ctx)
	if err != nil {
		return err
	}
	_, err = t.hears(ctx, have, gone.ID)
	return err
}

func checkWhole(ctx context.Context, s *suite) error {
	t, have, gone, err := s.makeRevoked(ctx)
	if err != nil {
		return err
	}
	newest, err := t.hears(ctx, have, gone.ID)
	if err != nil {
		return err
	}
	whole, err := t.fetch(ctx, nil)
	switch {
	case err != nil:
		return err
	case whole.Sequence < newest.Sequence:
		return breach("a terminal that lost bundle %d is handed %d, which it refuses as older", newest.Sequence,
			whole.Sequence)
	case !whole.IsRevoked(gone.ID, "", ""):
		return breach("bundle %d forgot what bundle %d revokes", whole.Sequence, newest.Sequence)
	}
	return nil
}
