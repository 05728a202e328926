package transporttest

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/offlane/offlane/transport/wire"
)

// The rules of the customer's device are for a backend that can do wire.CanDevice; another one keeps them by not saying
// so. They accept offers of a campaign that anybody can accept from; where none is open they are skipped.
var deviceRules = []Rule{
	{"device-cookies", "A device's cookies are for this host alone and for no script: HttpOnly, SameSite, and over TLS " +
		"Secure. The secret's is for / with a name that begins with __Host-, others are for paths of the device.",
		checkCookies},
	{"device-secret", "The backend makes a device's secret: one that somebody planted is none.", checkPlanted},
	{"device-consent", "Consent is the device's, whatever its cookie holds: taking it back goes for every offer.",
		checkConsent},
	{"device-forgotten", "A device that is forgotten has no offers any more, also those that its cookie did not hold.",
		checkForgotten},
}

// errNoCampaign is why the rules of the device are skipped.
const errNoCampaign = skip("a device without cookies is shown no offer that it can accept: open a campaign")

// A device is a browser: its cookies are all that it keeps.
type device struct {
	*suite
	cookies  map[string]*http.Cookie
	campaign string
}

// device returns a new device that knows a campaign to accept from; nil where the backend has no devices.
func (s *suite) device(ctx context.Context) (*device, error) {
	health, err := good[wire.Health](s.call(ctx, http.MethodGet, wire.PathHealth, "", nil, nil))
	if err != nil || len(health.Lacks(wire.CanDevice)) > 0 {
		return nil, err
	}
	d := &device{suite: s, cookies: map[string]*http.Cookie{}}
	visit, err := good[wire.Visit](d.ask(ctx, http.MethodGet, wire.PathDeviceVisit, nil))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(visit.Answers, func(a wire.Shown) bool { return a.Kind == "offer" })
	if i < 0 {
		return nil, errNoCampaign
	}
	d.campaign = visit.Answers[i].ID
	return d, nil
}

// ask sends a request with the device's cookies and keeps those of the answer.
func (d *device) ask(ctx context.Context, method, path string, body any) (response, error) {
	return d.askWith(ctx, http.Header{}, method, path, body)
}

// askWith is ask with header fields beside the cookies.
func (d *device) askWith(ctx context.Context, header http.Header, method, path string, body any) (response, error) {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(d.cookies)) {
		pairs = append(pairs, name+"="+d.cookies[name].Value)
	}
	if len(pairs) > 0 {
		header.Set("Cookie", strings.Join(pairs, "; "))
	}
	var raw []byte
	if body != nil {
		header.Set("Content-Type", wire.RequestType)
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return response{}, err
		}
	}
	resp, err := d.call(ctx, method, path, "", header, raw)
	for _, c := range (&http.Response{Header: resp.header}).Cookies() {
		if d.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(d.cookies, c.Name)
		}
	}
	return resp, err
}

func (d *device) accept(ctx context.Context, personal bool) (wire.DeviceOffer, error) {
	body := wire.Accept{Campaign: d.campaign, Personal: personal}
	return wantCreated[wire.DeviceOffer](d.ask(ctx, http.MethodPost, wire.PathDeviceOffers, body))
}

func (d *device) list(ctx context.Context) (wire.DeviceOffers, error) {
	return good[wire.DeviceOffers](d.ask(ctx, http.MethodGet, wire.PathDeviceOffers, nil))
}

// withCookies returns a device with these cookies as they are now.
func (d *device) withCookies(cookies map[string]*http.Cookie) *device {
	return &device{d.suite, maps.Clone(cookies), d.campaign}
}

func checkCookies(ctx context.Context, s *suite) error {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return err
	}
	if _, err := d.accept(ctx, false); err != nil {
		return err
	}
	if len(d.cookies) == 0 {
		return breach("an acceptance sets no cookie")
	}
	secure := strings.HasPrefix(s.URL, "https:")
	for name, c := range d.cookies {
		sameSite := c.SameSite == http.SameSiteLaxMode || c.SameSite == http.SameSiteStrictMode
		switch {
		case !c.HttpOnly || !sameSite || c.Domain != "" || c.Path != "/" && !strings.HasPrefix(c.Path, wire.PathDevice+"/"):
			return breach("the cookie %s is not HttpOnly, SameSite, without a domain, for / or the device's paths: %s", name,
				c.Raw)
		case secure && (!c.Secure || c.Path == "/" && !strings.HasPrefix(name, "__Host-")):
			return breach("over TLS the cookie %s is not Secure, or is for / and does not begin with __Host-", name)
		}
	}
	return nil
}

func checkPlanted(ctx context.Context, s *suite) error {
	d, err := s.device(ctx)
	if err != nil || d == nil {
		return err
	}
	if _, err := d.accept(ctx, false); err != nil {
		return err
	}
	planted := map[string]*http.Cookie{}
	for name, c := range d.cookies { // of the same form, and none that the backend made
		planted[name] = &http.Cookie{Name: name, Value: strings.Repeat("A", len(c.Value))}
	}
	victim, thief := d.withCookies(planted), d.withCookies(planted)
	if _, err := victim.accept(ctx, true); err != nil {
		return err
	}
	for name, c := range victim.cookies {
		if planted[name] != nil && planted[name].Value == c.Value {
			return breach("the cookie %s has the value that was planted, which somebody knows", name)
		}
	}
	seen, err := thief.list(ctx)
	if err == nil && len(seen.Offers) > 0 {
		err = breach("whoever planted the cookies sees %d offers of the device", len(seen.Offers))
	}
	return err
}

// staleDevice is a device whose cookies are from before it accepted a second offer: its answer was lost, or two went
// out at once.
func (s *suite) staleDevice(ctx context.Context) (d *device, newest map[string]*http.Cookie, err error) {
	if d, err = s.device(ctx); err != nil || d == nil {
		return d, nil, err
	}
	if _, err := d.accept(ctx, true); err != nil {
		return nil, nil, err
	}
	ahead := d.withCookies(d.cookies)
	_, err = ahead.accept(ctx, false)
	return d, ahead.cookies, err
}

func checkConsent(ctx context.Context, s *suite) error {
	d, newest, err := s.staleDevice(ctx)
	if err != nil || d == nil {
		return err
	}
	told, err := d.withCookies(newest).list(ctx)
	if err != nil {
		return err
	}
	if !told.Personal || len(told.Offers) != 2 {
		return breach("a device that agreed and accepted two offers is told of %d, agreed: %v",
			len(told.Offers), told.Personal)
	}
	if _, err := good[wire.KeptConsent](d.ask(ctx, http.MethodPut, wire.PathConsent, wire.Consent{})); err != nil {
		return err
	}
	for _, cookies := range []map[string]*http.Cookie{d.cookies, newest} {
		told, err := d.withCookies(cookies).list(ctx)
		if err != nil {
			return err
		}
		if told.Personal {
			return breach("the consent that was taken back still stands")
		}
	}
	return nil
}

func checkForgotten(ctx context.Context, s *suite) error {
	d, newest, err := s.staleDevice(ctx)
	if err != nil || d == nil {
		return err
	}
	before := maps.Clone(d.cookies)
	resp, err := d.ask(ctx, http.MethodDelete, wire.PathDevice, nil)
	if err != nil {
		return err
	}
	if resp.status != http.StatusNoContent || len(d.cookies) > 0 {
		return breach("status %d with %d cookies left, not 204 and none", resp.status, len(d.cookies))
	}
	for _, cookies := range []map[string]*http.Cookie{before, newest} {
		told, err := d.withCookies(cookies).list(ctx)
		if err != nil {
			return err
		}
		if len(told.Offers) > 0 || told.Personal {
			return breach("whoever kept the cookies sees %d offers, agreed: %v", len(told.Offers), told.Personal)
		}
	}
	return nil
}
