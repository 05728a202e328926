package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// A Batch is what the lines of one export have in common.
type Batch struct {
	Platform string
	Kind     Kind
	// Destination is where the platform is to count: a data set, or a conversion action.
	Destination string
	// Value is what a conversion is worth, a decimal number in Currency; empty: not said.
	Value    string
	Currency string
	// Made is when the export was made, in milliseconds since 1970.
	Made int64
}

// Order names a conversion to the platform, the same in its retraction. It tells nothing of the record.
func Order(id record.ID) string {
	sum := sha256.Sum256(append([]byte("offlane conversion 1\x00"), id[:]...))
	return hex.EncodeToString(sum[:12])
}

type ecapiEvent struct {
	DataSet    string          `json:"data_set_id"`
	ID         string          `json:"id"`
	Timestamp  int64           `json:"timestamp"`
	Type       string          `json:"event_type"`
	User       ecapiUser       `json:"user_data"`
	Value      json.Number     `json:"value,omitempty"`
	Currency   string          `json:"currency_code,omitempty"`
	Source     string          `json:"source"`
	Properties ecapiProperties `json:"properties"`
}

type ecapiUser struct {
	ClickID string `json:"click_id"`
}

type ecapiProperties struct {
	Transaction string `json:"transaction_id"`
}

type googleConversion struct {
	ClickID  string        `json:"gclid"`
	Action   string        `json:"conversion_action"`
	At       string        `json:"conversion_date_time"`
	Value    json.Number   `json:"conversion_value,omitempty"`
	Currency string        `json:"currency_code,omitempty"`
	Order    string        `json:"order_id"`
	Consent  googleConsent `json:"consent"`
}

type googleConsent struct {
	UserData string `json:"ad_user_data"`
}

type googleAdjustment struct {
	Type   string `json:"adjustment_type"`
	Action string `json:"conversion_action"`
	Order  string `json:"order_id"`
	At     string `json:"adjustment_date_time"`
}

type metaEvent struct {
	Name   string     `json:"event_name"`
	Time   int64      `json:"event_time"`
	ID     string     `json:"event_id"`
	Source string     `json:"action_source"`
	User   metaUser   `json:"user_data"`
	Custom metaCustom `json:"custom_data"`
}

type metaUser struct {
	Click string `json:"fbc"`
}

type metaCustom struct {
	Currency string      `json:"currency"`
	Value    json.Number `json:"value"`
	Order    string      `json:"order_id"`
}

// googleTime is the form of moments in the Google Ads API, which asks for the offset from UTC.
const googleTime = "2006-01-02 15:04:05-07:00"

func utc(millis int64) time.Time { return time.UnixMilli(millis).UTC() }

// moment is the moment of what a line tells: the redemption, or the making of the retraction, since nobody tells when
// it was taken back.
func (b *Batch) moment(l *Line) int64 {
	if l.Sent.Retracts {
		return b.Made
	}
	return l.Sent.Redeemed
}

// choose is the one of two words that a line is told by.
func choose(l *Line, conversion, retraction string) string {
	if l.Sent.Retracts {
		return retraction
	}
	return conversion
}

// shape is a line as its platform takes it.
func (b *Batch) shape(l *Line) any {
	order := Order(l.Sent.Record)
	id, at := choose(l, order, order+"-refund"), b.moment(l)
	switch {
	case b.Platform == Google && l.Sent.Retracts:
		return googleAdjustment{"RETRACTION", b.Destination, order, utc(at).Format(googleTime)}
	case b.Platform == Google:
		return googleConversion{l.Click.ID, b.Destination, utc(at).Format(googleTime), json.Number(b.Value), b.Currency,
			order, googleConsent{"GRANTED"}}
	case b.Platform == Meta:
		return metaEvent{choose(l, "Purchase", "Refund"), at / 1000, id, "physical_store", metaUser{clickOf(l.Click)},
			metaCustom{b.Currency, json.Number(b.Value), order}}
	}
	return ecapiEvent{b.Destination, id, at / 1000, choose(l, "purchase", "refund"), ecapiUser{l.Click.ID},
		json.Number(b.Value), b.Currency, "physical_store", ecapiProperties{order}}
}

// clickOf is a click id as Meta's cookie _fbc has it: version, index of the domain, moment of the click, which is taken
// to be that of the consent, and the id.
func clickOf(c *store.Click) string { return fmt.Sprintf("fb.1.%d.%s", c.Agreed, c.ID) }

// JSONLines are lines as JSON, one each.
func (b *Batch) JSONLines(lines []Line) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	for i := range lines {
		if err := encoder.Encode(b.shape(&lines[i])); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

// Rows are lines for a CSV file, behind the names of the columns: those of Google's templates, and for the others the
// fields of the JSON, joined by points.
func (b *Batch) Rows(lines []Line) [][]string {
	rows := [][]string{b.columns()}
	for i := range lines {
		rows = append(rows, b.cells(&lines[i]))
	}
	return rows
}

func (b *Batch) columns() []string {
	switch {
	case b.Platform == Google && b.Kind == Retractions:
		return []string{"Order ID", "Conversion Name", "Adjustment Time", "Adjustment Type"}
	case b.Platform == Google:
		return []string{"Google Click ID", "Conversion Name", "Conversion Time", "Conversion Value", "Conversion Currency",
			"Order ID"}
	case b.Platform == Meta:
		return []string{"event_name", "event_time", "event_id", "action_source", "user_data.fbc", "custom_data.currency",
			"custom_data.value", "custom_data.order_id"}
	}
	return []string{"data_set_id", "id", "timestamp", "event_type", "user_data.click_id", "value", "currency_code",
		"source", "properties.transaction_id"}
}

func (b *Batch) cells(l *Line) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	switch s := b.shape(l).(type) {
	case googleAdjustment:
		return []string{s.Order, s.Action, s.At, "RETRACT"}
	case googleConversion:
		return []string{s.ClickID, s.Action, s.At, string(s.Value), s.Currency, s.Order}
	case metaEvent:
		return []string{s.Name, number(s.Time), s.ID, s.Source, s.User.Click, s.Custom.Currency, string(s.Custom.Value),
			s.Custom.Order}
	case ecapiEvent:
		return []string{s.DataSet, s.ID, number(s.Timestamp), s.Type, s.User.ClickID, string(s.Value), s.Currency, s.Source,
			s.Properties.Transaction}
	}
	return nil
}
