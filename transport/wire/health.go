package wire

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// Health is the answer to GET /v1/health.
type Health struct {
	// Status is "ok", or "unavailable" with status 503.
	Status string `json:"status"`
	// Can lists what the backend can do.
	Can []Ability `json:"can"`
	// MaxRecords and MaxBytes bound one report as this backend takes it; 0: the contract's limits.
	MaxRecords int   `json:"maxRecords,omitempty"`
	MaxBytes   int64 `json:"maxBytes,omitempty"`
	// Time is the backend's signed clock.
	Time Time `json:"time"`
}

// A Readiness is the answer to GET PathReadiness.
type Readiness struct {
	// Ready says that the store takes what is written.
	Ready bool `json:"ready"`
	// Code says why not; empty where it does.
	Code fault.Code `json:"code,omitempty"`
	// Checked is when it was asked, in milliseconds since 1970, and Took how long that took, in milliseconds.
	Checked int64 `json:"checked"`
	Took    int64 `json:"took"`
}

// An Ability names a part of the contract that a backend can do. A client passes over those it does not know.
type Ability string

// The abilities of version 1.
const (
	// CanEnrol: POST /v1/terminals.
	CanEnrol Ability = "enrol"
	// CanReport: POST /v1/reports.
	CanReport Ability = "report"
	// CanVerdicts: GET /v1/verdicts and later verdicts in any answer.
	CanVerdicts Ability = "verdicts"
	// CanBundle: GET /v1/bundle.
	CanBundle Ability = "bundle"
	// CanGzip: requests' bodies may be compressed with gzip (RFC 9110 section 8.4.1.3).
	CanGzip Ability = "gzip"
	// CanUpload: POST /v1/management/uploads.
	CanUpload Ability = "upload"
	// CanGaps: GET /v1/management/gaps, and asking for missing records again.
	CanGaps Ability = "gaps"
	// CanRotate: a terminal changes its key by itself, with rotations in its enrolment.
	CanRotate Ability = "rotate"
	// CanDevice: the customer's device, /v1/device/.
	CanDevice Ability = "device"
)

// Needed lists the abilities that a terminal cannot do without.
func Needed() []Ability { return []Ability{CanEnrol, CanReport, CanVerdicts, CanBundle} }

// Known lists all abilities that this version of the contract knows.
func Known() []Ability {
	return append(Needed(), CanGzip, CanUpload, CanGaps, CanRotate, CanDevice)
}

// Lacks returns those of want that the backend cannot do.
func (h Health) Lacks(want ...Ability) []Ability {
	var missing []Ability
	for _, a := range want {
		if !slices.Contains(h.Can, a) {
			missing = append(missing, a)
		}
	}
	return missing
}
