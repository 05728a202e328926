package transporttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// The rules on exports are for a backend that can do wire.CanDevice. They create campaigns, make the exports that are
// due, and need the merchants.
var exportRules = []Rule{
	{"export-consented", "A conversion is exported once, and only of a customer who agrees to export: not with Global " +
		"Privacy Control, and not when the consent was taken back before.", checkExported},
	{"export-retracted", "A redemption that is taken back after it was exported is retracted once.", checkRetracted},
	{"export-withdrawn", "What was exported is not handed out again once the consent was taken back, nor is it " +
		"retracted.", checkHandedOut},
}

// A clicker is a device of a customer who came by a click on an ad and redeemed.
type clicker struct {
	*device
	click      string
	redemption record.Record
}

// An ad is a campaign to which clicks lead, and a till.
type ad struct {
	*pair
	device *device // knows the campaign, and keeps no cookie
	lane   *till
}

// ad opens a campaign; nil: the backend has no devices.
func (s *suite) ad(ctx context.Context) (*ad, error) {
	b, err := s.pair()
	if err != nil {
		return nil, err
	}
	d, err := s.open(ctx, wire.Campaign{})
	if err != nil || d == nil {
		return nil, err
	}
	lane, err := s.tillOfOwner(ctx)
	return &ad{b, d, lane}, err
}

// click has a new device accept an offer because of a click, and redeem it.
func (a *ad) click(ctx context.Context, header http.Header) (c *clicker, err error) {
	c = &clicker{device: a.device.withCookies(map[string]*http.Cookie{}), click: rand.Text()}
	click := wire.Click{Platform: wire.PlatformECAPI, ID: c.click, Text: "conformance 1"}
	c.redemption, err = c.redeems(ctx, a.lane, header, wire.Accept{Campaign: c.campaign, Click: &click})
	return c, err
}

// withdraws takes every consent back.
func (c *clicker) withdraws(ctx context.Context) error {
	_, err := good[wire.KeptConsent](c.ask(ctx, http.MethodPut, wire.PathConsent, wire.Consent{}))
	return err
}

// mostExported is how often exports are made until nothing is due: the target may have had some before.
const mostExported = 100

// export makes the exports that are due.
func (a *ad) export(ctx context.Context) (made []wire.Export, err error) {
	body := wire.NewExport{Platform: wire.PlatformECAPI, Destination: "conformance"}
	for range mostExported {
		some, err := wantCreated[wire.Exports](a.post(ctx, wire.PathExports, a.owner.Key, body))
		if made = append(made, some.Exports...); err != nil || !some.More {
			return made, err
		}
	}
	return nil, breach("after %d exports there are still more", mostExported)
}

// lines are the lines of an export that name the click of a device.
func (a *ad) lines(ctx context.Context, e wire.Export, of *clicker) (n int, err error) {
	resp, err := a.call(ctx, http.MethodGet, strings.Replace(wire.PathExport, "{id}", e.ID, 1), a.owner.Key, nil, nil)
	if err != nil {
		return 0, err
	}
	if resp.status != http.StatusOK || resp.mediaType() != "application/x-ndjson" {
		return 0, breach("status %d with type %q for the lines of an export", resp.status, resp.mediaType())
	}
	for line := range bytes.Lines(resp.body) {
		if bytes.Contains(line, []byte(`"`+of.click+`"`)) {
			n++
		}
	}
	return n, nil
}

// tells makes the exports that are due, and wants so many conversions and retractions of a device in them. It returns
// the export that names the device.
func (a *ad) tells(ctx context.Context, of *clicker, conversions, retractions int) (in wire.Export, err error) {
	made, err := a.export(ctx)
	if err != nil {
		return in, err
	}
	told := map[bool]int{}
	for _, e := range made {
		n, err := a.lines(ctx, e, of)
		if err != nil {
			return in, err
		}
		if told[e.Kind == "retractions"] += n; n > 0 {
			in = e
		}
	}
	if told[false] != conversions || told[true] != retractions {
		err = breach("the exports tell %d conversions and %d retractions of a click, not %d and %d", told[false], told[true],
			conversions, retractions)
	}
	return in, err
}

func checkExported(ctx context.Context, s *suite) error {
	a, err := s.ad(ctx)
	if err != nil || a == nil {
		return err
	}
	agrees, err := a.click(ctx, http.Header{})
	if err != nil {
		return err
	}
	if _, err := a.tells(ctx, agrees, 1, 0); err != nil {
		return breach("a customer who agrees: %w", err)
	}
	if _, err := a.tells(ctx, agrees, 0, 0); err != nil {
		return breach("what was told before: %w", err)
	}
	signals, err := a.click(ctx, http.Header{"Sec-GPC": {"1"}})
	if err != nil {
		return err
	}
	if _, err := a.tells(ctx, signals, 0, 0); err != nil {
		return breach("a customer whose device sends Global Privacy Control: %w", err)
	}
	withdrew, err := a.click(ctx, http.Header{})
	if err != nil {
		return err
	}
	if err := withdrew.withdraws(ctx); err != nil {
		return err
	}
	if _, err := a.tells(ctx, withdrew, 0, 0); err != nil {
		return breach("a customer who took the consent back: %w", err)
	}
	return nil
}

// makeExport is a device of which a conversion was exported.
func (s *suite) makeExport(ctx context.Context) (a *ad, c *clicker, in wire.Export, err error) {
	if a, err = s.ad(ctx); err != nil || a == nil {
		return nil, nil, in, err
	}
	if c, err = a.click(ctx, http.Header{}); err != nil {
		return nil, nil, in, err
	}
	in, err = a.tells(ctx, c, 1, 0)
	return a, c, in, err
}

// takesBack voids a device's redemption.
func (a *ad) takesBack(ctx context.Context, c *clicker) error {
	_, raw, err := a.lane.void(c.redemption)
	if err != nil {
		return err
	}
	return a.lane.reportRecord(ctx, raw, record.Confirmed)
}

func checkRetracted(ctx context.Context, s *suite) error {
	a, c, _, err := s.makeExport(ctx)
	if err != nil || a == nil {
		return err
	}
	if err := a.takesBack(ctx, c); err != nil {
		return err
	}
	if _, err := a.tells(ctx, c, 0, 1); err != nil {
		return breach("after a void: %w", err)
	}
	if _, err := a.tells(ctx, c, 0, 0); err != nil {
		return breach("what was retracted before: %w", err)
	}
	return nil
}

func checkHandedOut(ctx context.Context, s *suite) error {
	a, c, in, err := s.makeExport(ctx)
	if err != nil || a == nil {
		return err
	}
	if err := c.withdraws(ctx); err != nil {
		return err
	}
	switch n, err := a.lines(ctx, in, c); {
	case err != nil:
		return err
	case n != 0:
		return breach("an export hands a click out whose consent was taken back")
	}
	if err := a.takesBack(ctx, c); err != nil {
		return err
	}
	if _, err := a.tells(ctx, c, 0, 0); err != nil {
		return breach("after the consent was taken back: %w", err)
	}
	return nil
}
