// Package export says what of clicks is to be told to ad platforms, and writes it in their shapes: values in, bytes
// out.
//
// The shapes are those of the IAB Tech Lab's Event and Conversion API 1.0, of click conversions and conversion
// adjustments of the Google Ads API, and of events of a physical store of Meta's Conversions API. They were written by
// what these publish; nothing here speaks with the platforms.
package export

import (
	"slices"

	"github.com/offlane/offlane/transport/backend/store"
)

// The platforms, as clicks name them.
const (
	ECAPI  = "ecapi"
	Google = "google"
	Meta   = "meta"
)

// A Kind is what an export holds. A platform takes the kinds apart.
type Kind string

// The kinds.
const (
	// Current conversions are within the platform's window, Late ones beyond it, so that it may refuse them.
	Current Kind = "current"
	Late    Kind = "late"
	// Retractions take back conversions that were sent.
	Retractions Kind = "retractions"
)

const day = 24 * 60 * 60 * 1000

// The windows of the platforms, in milliseconds: Google takes conversions of clicks of 90 days, Meta events of a
// physical store of 62 days. The IAB's specification leaves that to each recipient.
const (
	googleWindow = 90 * day
	metaWindow   = 62 * day
)

// A Line is a conversion, or its retraction.
type Line struct {
	Click *store.Click
	Sent  store.Sent
}

// Plan is what is to be told of a click at a moment, by kind. uses are those of its offer as they stand. What was told
// before is not told again, and of a click whose consent was taken back nothing is.
func Plan(c *store.Click, uses []store.Use, now int64) map[Kind][]store.Sent {
	if c.Withdrawn != 0 {
		return nil
	}
	planned := map[Kind][]store.Sent{}
	for i := range uses {
		u := &uses[i]
		if !wasSent(c, func(s store.Sent) bool { return s.Record == u.Record }) {
			kind := kindOf(c, u.Redeemed, now)
			planned[kind] = append(planned[kind], store.Sent{Record: u.Record, Redeemed: u.Redeemed})
		}
	}
	for _, s := range c.Sent {
		stands := slices.ContainsFunc(uses, func(u store.Use) bool { return u.Record == s.Record })
		if s.Retracts || stands ||
			wasSent(c, func(other store.Sent) bool { return other.Record == s.Record && other.Retracts }) {
			continue
		}
		planned[Retractions] = append(planned[Retractions], store.Sent{Record: s.Record, Redeemed: s.Redeemed,
			Retracts: true})
	}
	return planned
}

func wasSent(c *store.Click, is func(store.Sent) bool) bool { return slices.ContainsFunc(c.Sent, is) }

func kindOf(c *store.Click, redeemed, now int64) Kind {
	if c.Platform == Google && now-c.Agreed > googleWindow || c.Platform == Meta && now-redeemed > metaWindow {
		return Late
	}
	return Current
}
