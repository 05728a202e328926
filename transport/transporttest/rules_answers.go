package transporttest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// The rules on answers are for a backend that can do wire.CanDevice. Those that create campaigns need the merchants.
var answerRules = []Rule{
	{"follow-up-needs-agreement", "A follow-up names another merchant only while an agreement on follow-ups stands.",
		checkFollowUp},
	{"limit-per-device", "A device accepts no more offers of a campaign than one device may have.", checkPerDevice},
	{"change-keeps-passes", "A campaign that is changed leaves the offers that are out as they are.", checkChange},
	{"dismissed", "What a device dismissed it is not shown again; a token is of no use to another device.",
		checkDismissed},
	{"identifiers-held", "A browser's cookies hold the identifiers of all offers that it accepted.", checkHeld},
	{"bearer-secret", "A device that asks for it has a bearer secret and no cookies, and one that the backend did not " +
		"make is refused.", checkBearer},
	{"origin-needs-merchant", "A page of another origin is answered only where a merchant allowed the origin.",
		checkOrigin},
	{"open-day", "No statement closes a day that is not over.", checkOpenDay},
}

func checkFollowUp(ctx context.Context, s *suite) error {
	b, err := s.pair()
	if err != nil {
		return err
	}
	campaign := wire.Campaign{ID: newCampaign(), Title: "Conformance", FollowUps: []wire.FollowUp{
		{Merchant: b.partner.Merchant, Ad: &wire.Ad{ID: "conformance", Title: "Conformance"}}}}
	resp, err := b.post(ctx, wire.PathCampaigns, b.owner.Key, campaign)
	return wantClientError(resp, err, fault.Forbidden)
}

// open creates a campaign of the owner's and returns a device that can accept from it; nil where the backend has no
// devices.
func (s *suite) open(ctx context.Context, c wire.Campaign) (*device, error) {
	b, err := s.pair()
	if err != nil {
		return nil, err
	}
	health, err := good[wire.Health](s.call(ctx, http.MethodGet, wire.PathHealth, "", nil, nil))
	if err != nil || len(health.Lacks(wire.CanDevice)) > 0 {
		return nil, err
	}
	c.ID, c.Title = newCampaign(), "Conformance"
	if _, err := wantCreated[wire.Campaign](b.post(ctx, wire.PathCampaigns, b.owner.Key, c)); err != nil {
		return nil, err
	}
	return &device{s, map[string]*http.Cookie{}, c.ID}, nil
}

func checkPerDevice(ctx context.Context, s *suite) error {
	d, err := s.open(ctx, wire.Campaign{PerDevice: 1})
	if err != nil || d == nil {
		return err
	}
	if _, err := d.accept(ctx, false); err != nil {
		return err
	}
	resp, err := d.ask(ctx, http.MethodPost, wire.PathDeviceOffers, wire.Accept{Campaign: d.campaign})
	return wantClientError(resp, err, fault.OutOfOffers)
}

func checkChange(ctx context.Context, s *suite) error {
	d, err := s.open(ctx, wire.Campaign{ValidSeconds: 7200})
	if err != nil || d == nil {
		return err
	}
	before, err := d.accept(ctx, false)
	if err != nil {
		return err
	}
	b, err := s.pair()
	if err != nil {
		return err
	}
	to := wire.Campaign{ID: d.campaign, Title: "Conformance, changed", ValidSeconds: 60}
	path := strings.Replace(wire.PathCampaign, "{id}", d.campaign, 1)
	changed, err := good[wire.Campaign](b.send(ctx, http.MethodPut, path, b.owner.Key, to))
	if err != nil {
		return err
	}
	if changed.ValidSeconds != to.ValidSeconds {
		return breach("a campaign that is changed to %d seconds has %d", to.ValidSeconds, changed.ValidSeconds)
	}
	listed, err := d.list(ctx)
	if err != nil {
		return err
	}
	is := func(o wire.DeviceOffer) bool {
		return o.Pass == before.Pass && o.NotAfter == before.NotAfter && o.State == wire.StateOpen
	}
	if !slices.ContainsFunc(listed.Offers, is) {
		return breach("the offer that was accepted before the change is another one after it")
	}
	after, err := d.accept(ctx, false)
	if err == nil && after.NotAfter >= before.NotAfter {
		err = breach("an offer that is accepted after the change ends as those before it")
	}
	return err
}

// askShown returns what a device is shown of a campaign; nil: nothing.
func (d *device) askShown(ctx context.Context, campaign string) (*wire.Shown, error) {
	visit, err := good[wire.Visit](d.ask(ctx, http.MethodGet, wire.PathDeviceVisit, nil))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(visit.Answers, func(a wire.Shown) bool { return a.ID == campaign })
	if i < 0 {
		return nil, nil
	}
	return &visit.Answers[i], nil
}

func checkDismissed(ctx context.Context, s *suite) error {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return err
	}
	if _, err := d.accept(ctx, true); err != nil {
		return err
	}
	fresh, err := s.open(ctx, wire.Campaign{})
	if err != nil {
		return err
	}
	shown, err := d.askShown(ctx, fresh.campaign)
	if err != nil {
		return err
	}
	if shown == nil || shown.Token == "" {
		return breach("a device is not shown the newest campaign with a token: %+v", shown)
	}
	dismiss := wire.DeviceEvent{Token: shown.Token, Event: wire.EventDismiss}
	other := &device{s, map[string]*http.Cookie{}, d.campaign}
	if _, err := other.accept(ctx, true); err != nil {
		return err
	}
	resp, err := other.ask(ctx, http.MethodPost, wire.PathDeviceEvents, dismiss)
	if err := wantClientError(resp, err, fault.Forbidden); err != nil {
		return breach("another device's token: %w", err)
	}
	resp, err = d.ask(ctx, http.MethodPost, wire.PathDeviceEvents, dismiss)
	if err != nil || resp.status != http.StatusNoContent {
		return breach("status %d for a dismissal: %w", resp.status, err)
	}
	if shown, err = d.askShown(ctx, fresh.campaign); err == nil && shown != nil {
		err = breach("what was dismissed is shown again")
	}
	return err
}

func checkHeld(ctx context.Context, s *suite) error {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return err
	}
	const offers = 3
	for range offers {
		if _, err := d.accept(ctx, false); err != nil {
			return err
		}
	}
	path := strings.Replace(wire.PathHeld, "{slot}", "0", 1)
	held, err := good[wire.HeldOffers](d.ask(ctx, http.MethodGet, path, nil))
	if err == nil && (len(held.Offers) != offers || held.Lost != 0) {
		err = breach("of %d identifiers the cookie holds %d, and lost %d", offers, len(held.Offers), held.Lost)
	}
	return err
}

func checkBearer(ctx context.Context, s *suite) error {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return err
	}
	body := wire.Accept{Campaign: d.campaign, Bearer: true}
	told, err := wantCreated[wire.DeviceOffer](d.ask(ctx, http.MethodPost, wire.PathDeviceOffers, body))
	if err != nil {
		return err
	}
	if told.Secret == "" || len(d.cookies) > 0 {
		return breach("a device that asked for a bearer secret got one of %d bytes, and %d cookies", len(told.Secret),
			len(d.cookies))
	}
	listed, err := good[wire.DeviceOffers](s.call(ctx, http.MethodGet, wire.PathDeviceOffers, told.Secret, nil, nil))
	if err != nil {
		return err
	}
	if len(listed.Offers) != 1 {
		return breach("the device has %d offers, not 1", len(listed.Offers))
	}
	resp, err := s.call(ctx, http.MethodGet, wire.PathDeviceOffers, strings.Repeat("A", len(told.Secret)), nil, nil)
	return wantClientError(resp, err, fault.Unauthorized)
}

func checkOrigin(ctx context.Context, s *suite) error {
	b, err := s.pair()
	if err != nil {
		return err
	}
	origin := "https://" + strings.ToLower(newCampaign()) + ".example"
	header := http.Header{"Origin": {origin}, "Access-Control-Request-Method": {http.MethodPost}}
	resp, err := s.call(ctx, http.MethodOptions, wire.PathDeviceOffers, "", header, nil)
	if err := wantClientError(resp, err, fault.Forbidden); err != nil {
		return breach("an origin that nobody allowed: %w", err)
	}
	if allowed := resp.header.Get("Access-Control-Allow-Origin"); allowed != "" {
		return breach("an origin that nobody allowed is answered for %q", allowed)
	}
	before, err := good[wire.Origins](b.call(ctx, http.MethodGet, wire.PathOrigins, b.owner.Key, nil, nil))
	if err != nil {
		return err
	}
	put := func(origins []string) (wire.Origins, error) {
		return good[wire.Origins](b.send(ctx, http.MethodPut, wire.PathOrigins, b.owner.Key, wire.Origins{Origins: origins}))
	}
	if _, err := put(append(slices.Clone(before.Origins), origin)); err != nil {
		return err
	}
	resp, err = s.call(ctx, http.MethodOptions, wire.PathDeviceOffers, "", header, nil)
	if allowed := resp.header.Get("Access-Control-Allow-Origin"); err == nil && allowed != origin {
		err = breach("an origin that a merchant allowed is answered for %q, with status %d", allowed, resp.status)
	}
	if _, failed := put(append([]string{}, before.Origins...)); err == nil {
		err = failed
	}
	return err
}

func checkOpenDay(ctx context.Context, s *suite) error {
	b, err := s.pair()
	if err != nil {
		return err
	}
	a, err := b.propose(ctx, newCampaign())
	if err != nil {
		return err
	}
	if _, err := good[wire.Agreement](b.become(ctx, b.partner, a, wire.AgreementActive)); err != nil {
		return breach("accepting: %w", err)
	}
	if _, err := good[wire.Agreement](b.become(ctx, b.owner, a, wire.AgreementEnded)); err != nil {
		return breach("ending: %w", err)
	}
	tomorrow := time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly) // wherever the backend's clock stands today
	path := wire.PathStatement + "?owner=" + b.owner.Merchant + "&partner=" + b.partner.Merchant + "&day=" + tomorrow
	resp, err := b.call(ctx, http.MethodGet, path, b.owner.Key, nil, nil)
	return wantClientError(resp, err, fault.Conflict)
}
