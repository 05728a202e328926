package redeem

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/reporter"
	"github.com/offlane/offlane/redeem/record"
)

// A SetAside is a record with which reports fail while others do not. It is pending, but is not sent with the others:
// the terminal tries it alone, after Reporting.MaxWait and then ever more slowly up to once an hour, and with each
// ReportNow.
type SetAside struct {
	Record record.ID `json:"record"`
	// Number is the record's place in the chain.
	Number uint64 `json:"number"`
	// Code and Detail say how it failed.
	Code   fault.Code `json:"code"`
	Detail string     `json:"detail,omitempty"`
	// Since is when it was set aside, by the wall clock.
	Since time.Time `json:"since"`
}

// MaxSetAside is the most records that a terminal sets aside and still sends others. With more it sends nothing else
// until the backend takes some of them (fault.SetAside), and so it does where more than a tenth of a queue of ten
// records or more fails at once: so many do not fail by themselves.
const MaxSetAside = reporter.MaxSetAside
