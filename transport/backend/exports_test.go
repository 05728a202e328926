package backend_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A platform stands in for an ad platform: it takes what the platform's documents ask for, and nothing else. None of
// the platforms was asked.
type platform struct {
	t          testing.TB
	values     map[string]string // by order, of conversions that were not retracted
	retracted  map[string]bool
	conversion string
}

// strictly reads one line that has these fields and no others.
func strictly[T any](line []byte) (v T, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&v)
	return v, err
}

var googleMoment = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d$`)

// google takes ClickConversions and ConversionAdjustments.
func (p *platform) google(line []byte) error {
	if bytes.Contains(line, []byte("adjustment_type")) {
		a, err := strictly[struct {
			Type   string `json:"adjustment_type"`
			Action string `json:"conversion_action"`
			Order  string `json:"order_id"`
			At     string `json:"adjustment_date_time"`
		}](line)
		if err != nil || a.Type != "RETRACTION" || a.Action != p.conversion || !googleMoment.MatchString(a.At) {
			return fmt.Errorf("no adjustment: %s %w", line, err)
		}
		return p.retract(a.Order)
	}
	c, err := strictly[struct {
		Click    string  `json:"gclid"`
		Action   string  `json:"conversion_action"`
		At       string  `json:"conversion_date_time"`
		Value    float64 `json:"conversion_value"`
		Currency string  `json:"currency_code"`
		Order    string  `json:"order_id"`
		Consent  struct {
			UserData string `json:"ad_user_data"`
		} `json:"consent"`
	}](line)
	if err != nil || c.Click == "" || c.Action != p.conversion || !googleMoment.MatchString(c.At) ||
		c.Consent.UserData != "GRANTED" {
		return fmt.Errorf("no conversion: %s %w", line, err)
	}
	return p.take(c.Order, fmt.Sprint(c.Click, " ", c.Value, " ", c.Currency))
}

var metaClick = regexp.MustCompile(`^fb\.1\.\d{13}\.(.+)$`)

// meta takes events of a physical store.
func (p *platform) meta(line []byte) error {
	e, err := strictly[struct {
		Name   string `json:"event_name"`
		Time   int64  `json:"event_time"`
		ID     string `json:"event_id"`
		Source string `json:"action_source"`
		User   struct {
			Click string `json:"fbc"`
		} `json:"user_data"`
		Custom struct {
			Currency string  `json:"currency"`
			Value    float64 `json:"value"`
			Order    string  `json:"order_id"`
		} `json:"custom_data"`
	}](line)
	click := metaClick.FindStringSubmatch(e.User.Click)
	switch {
	case err != nil || click == nil || e.Source != "physical_store" || e.Time < 1e9 || e.Time > 1e10 || e.ID == "":
		return fmt.Errorf("no event: %s %w", line, err)
	case e.Name == "Refund":
		return p.retract(e.Custom.Order)
	case e.Name != "Purchase":
		return fmt.Errorf("no name: %s", line)
	}
	return p.take(e.Custom.Order, fmt.Sprint(click[1], " ", e.Custom.Value, " ", e.Custom.Currency))
}

// ecapi takes events of the IAB's specification.
func (p *platform) ecapi(line []byte) error {
	e, err := strictly[struct {
		DataSet   string `json:"data_set_id"`
		ID        string `json:"id"`
		Timestamp int64  `json:"timestamp"`
		Type      string `json:"event_type"`
		User      struct {
			Click string `json:"click_id"`
		} `json:"user_data"`
		Value      *float64 `json:"value"`
		Currency   string   `json:"currency_code"`
		Source     string   `json:"source"`
		Properties struct {
			Transaction string `json:"transaction_id"`
		} `json:"properties"`
	}](line)
	switch {
	case err != nil || e.DataSet != p.conversion || e.Timestamp < 1e9 || e.Timestamp > 1e10 ||
		e.Source != "physical_store" || (e.Value == nil) != (e.Currency == ""):
		return fmt.Errorf("no event: %s %w", line, err)
	case e.Type == "refund" && e.ID != e.Properties.Transaction:
		return p.retract(e.Properties.Transaction)
	case e.Type != "purchase":
		return fmt.Errorf("no type: %s", line)
	}
	return p.take(e.ID, fmt.Sprint(e.User.Click, " ", *e.Value, " ", e.Currency))
}

func (p *platform) take(order, value string) error {
	if p.values[order] != "" || order == "" {
		return fmt.Errorf("the order %q was told before", order)
	}
	p.values[order] = value
	return nil
}

func (p *platform) retract(order string) error {
	if p.values[order] == "" || p.retracted[order] {
		return fmt.Errorf("the order %q is not known, or was retracted", order)
	}
	p.retracted[order] = true
	return nil
}

// takes hands JSON lines to the platform.
func (p *platform) takes(name string, text []byte) error {
	take := map[string]func([]byte) error{wire.PlatformGoogle: p.google, wire.PlatformMeta: p.meta,
		wire.PlatformECAPI: p.ecapi}[name]
	var all error
	for line := range bytes.Lines(text) {
		all = errors.Join(all, take(line))
	}
	return all
}

// clicks accepts an offer of a campaign because of a click.
func (p *phone) clicks(campaign, platform, id string) wire.DeviceOffer {
	p.t.Helper()
	body := wire.Accept{Campaign: campaign, Click: &wire.Click{Platform: platform, ID: id, Text: "v1"}}
	return read[wire.DeviceOffer](p.t, p.ask("POST", wire.PathDeviceOffers, body), http.StatusCreated)
}

// export makes the exports that are due.
func (d *desk) export(platform string) []wire.Export {
	d.t.Helper()
	body := wire.NewExport{Platform: platform, Destination: "customers/1/conversionActions/2", Value: "12.50",
		Currency: "EUR"}
	return read[wire.Exports](d.t, d.manage("POST", wire.PathExports, body), http.StatusCreated).Exports
}

// lines are those of an export.
func (d *desk) lines(e wire.Export, query string) *httptest.ResponseRecorder {
	d.t.Helper()
	w := d.manage("GET", wire.PathExports+"/"+e.ID+query, nil)
	require.Equal(d.t, http.StatusOK, w.Code, w.Body.String())
	return w
}

func TestConversionsAreToldInThePlatformsShapes(t *testing.T) {
	for _, name := range []string{wire.PlatformECAPI, wire.PlatformGoogle, wire.PlatformMeta} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.campaign(coffee)
			p, lane := d.phone(), d.till("s-1", "7")
			stand := &platform{t, map[string]string{}, map[string]bool{}, "customers/1/conversionActions/2"}
			first := lane.redemption(p.clicks("coffee", name, "Cj0-first_1").Pass)
			unused := p.clicks("coffee", name, "unused")
			require.Equal(t, record.Confirmed, lane.verdict(first).Status)
			p.accept("coffee", false) // without a click

			made := d.export(name)
			require.Len(t, made, 1)
			assert.Equal(t, wire.Export{ID: "1", Platform: name, Kind: "current", Made: d.now().UnixMilli(), Lines: 1,
				Destination: "customers/1/conversionActions/2", Value: "12.50", Currency: "EUR"}, made[0])
			text := d.lines(made[0], "")
			assert.Equal(t, "application/x-ndjson", text.Header().Get("Content-Type"))
			require.NoError(t, stand.takes(name, text.Body.Bytes()), "the platform takes it")
			require.Len(t, stand.values, 1)
			for _, value := range stand.values {
				assert.Equal(t, "Cj0-first_1 12.5 EUR", value)
			}
			assert.Equal(t, text.Body.String(), d.lines(made[0], "?format=json").Body.String(), "it can be fetched again")
			assert.Empty(t, d.export(name), "nothing is told twice")
			table := d.lines(made[0], "?format=csv").Body.String()
			rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
			require.NoError(t, err)
			require.Len(t, rows, 2, "a line behind the columns' names")
			assert.Contains(t, table, "Cj0-first_1")

			require.Equal(t, record.Confirmed, lane.verdict(lane.void(first.ID)).Status)
			made = d.export(name)
			require.Len(t, made, 1, "a void after the export sends a retraction")
			assert.Equal(t, "retractions", made[0].Kind)
			require.NoError(t, stand.takes(name, d.lines(made[0], "").Body.Bytes()), "the platform takes the retraction")
			assert.Len(t, stand.retracted, 1)
			assert.Empty(t, d.export(name), "once")

			d.set(d.now().Add(70 * day)) // the redemption is told late, and the click is
			late := lane.redemption(unused.Pass)
			require.Equal(t, record.Confirmed, lane.verdict(late).Status)
			d.set(d.now().Add(70 * day))
			made = d.export(name)
			require.Len(t, made, 1)
			want := map[string]string{wire.PlatformECAPI: "current"}[name]
			if want == "" {
				want = "late"
			}
			assert.Equal(t, want, made[0].Kind, "what is beyond the window is a batch of its own")
			listed := read[wire.Exports](t, d.manage("GET", wire.PathExports, nil), http.StatusOK).Exports
			require.Len(t, listed, 3, "what was sent is listed")
			assert.Equal(t, []string{"3", "2", "1"}, []string{listed[0].ID, listed[1].ID, listed[2].ID}, "the newest first")
			others := read[wire.Exports](t, d.manageAs("m-2", "GET", wire.PathExports, nil), http.StatusOK).Exports
			assert.Empty(t, others, "another merchant's are its own")
			assert.Equal(t, "not-found", codeOf(t, d.manageAs("m-2", "GET", wire.PathExports+"/1", nil)))
		})
	}
}

func TestWhatConsentNoLongerCoversIsNotExported(t *testing.T) {
	d, db := onDisk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	told := []string{"told-withdrawn", "told-erased", "told-signal", "told-stays"}
	phones := map[string]*phone{}
	redemptions := map[string]record.Record{}
	for _, id := range append(told, "pending-withdrawn", "pending-erased", "pending-signal") {
		phones[id] = d.phone()
		redemptions[id] = lane.redemption(phones[id].clicks("coffee", wire.PlatformECAPI, id).Pass)
		if strings.HasPrefix(id, "told") {
			require.Equal(t, record.Confirmed, lane.verdict(redemptions[id]).Status)
		} else {
			lane.number, lane.prev = lane.number-1, redemptions[id].Prev // it happens later
		}
	}
	made := d.export(wire.PlatformECAPI)
	require.Len(t, made, 1)
	require.Equal(t, 4, made[0].Lines)
	for id, p := range phones {
		switch _, end, _ := strings.Cut(id, "-"); end {
		case "withdrawn":
			p.consents(wire.Consent{})
		case "erased":
			require.Equal(t, http.StatusNoContent, p.ask("DELETE", wire.PathDevice, nil).Code)
		case "signal":
			p.signals("GET", wire.PathDeviceVisit, nil)
		}
	}
	for _, id := range []string{"pending-withdrawn", "pending-erased", "pending-signal", "told-erased"} {
		assert.Empty(t, holds(t, db, id), "%s: the click id is gone", id)
	}
	for id := range phones {
		if strings.HasPrefix(id, "told") {
			require.Equal(t, record.Confirmed, lane.verdict(lane.void(redemptions[id].ID)).Status)
		}
	}
	text := d.lines(made[0], "").Body.String()
	assert.Equal(t, 1, strings.Count(text, "\n"), "what consent no longer covers is not handed out again: %s", text)
	assert.Contains(t, text, "told-stays")
	made = d.export(wire.PlatformECAPI)
	require.Len(t, made, 1)
	assert.Equal(t, 1, made[0].Lines, "nor is it retracted")
	assert.Contains(t, d.lines(made[0], "").Body.String(), "told-stays")
	listed := read[wire.Exports](t, d.manage("GET", wire.PathExports, nil), http.StatusOK).Exports
	assert.Equal(t, 4, listed[1].Lines, "what was sent is listed")

	signal := d.phone()
	w := signal.signals("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "coffee",
		Click: &wire.Click{Platform: wire.PlatformECAPI, ID: "never", Text: "v1"}})
	require.Equal(t, http.StatusCreated, w.Code)
	assert.Empty(t, holds(t, db, "never"), "with the signal no click is kept")
}

func TestClicksAreKeptForATime(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	redeemed := lane.redemption(d.phone().clicks("coffee", wire.PlatformMeta, "a").Pass)
	require.Equal(t, record.Confirmed, lane.verdict(redeemed).Status, "so that the device stays")
	d.set(d.now().Add(400*day - time.Second))
	assert.Zero(t, d.tidy().Answers)
	d.set(d.now().Add(time.Second))
	assert.Equal(t, 1, d.tidy().Answers, "then it is removed")
}

func TestAnExportThatCannotBeMeantNamesItsField(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	for field, body := range map[string]wire.NewExport{
		"platform":     {Platform: "x"},
		"destination":  {Platform: wire.PlatformGoogle},
		"value":        {Platform: wire.PlatformMeta},
		"value: \"1e":  {Platform: wire.PlatformMeta, Value: "1e5", Currency: "EUR"},
		"currency":     {Platform: wire.PlatformMeta, Value: "1"},
		"currency: \"": {Platform: wire.PlatformMeta, Value: "1", Currency: "euro"},
	} {
		refused := d.manage("POST", wire.PathExports, body)
		var problem wire.Problem
		require.NoError(t, json.Unmarshal(refused.Body.Bytes(), &problem), field)
		assert.Equal(t, "invalid-request", codeOf(t, refused), field)
		assert.True(t, strings.HasPrefix(problem.Detail, field), "%s: %s", field, problem.Detail)
	}
	for field, click := range map[string]wire.Click{
		"click.platform": {Platform: "x", ID: "a", Text: "v1"},
		"click.id":       {Platform: wire.PlatformMeta, ID: "=cmd", Text: "v1"},
		"click.text":     {Platform: wire.PlatformMeta, ID: "a"},
	} {
		refused := d.phone().ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "coffee", Click: &click})
		assert.Equal(t, "invalid-request", codeOf(t, refused), field)
		assert.Contains(t, refused.Body.String(), field+": ")
	}
}
