package reporter

import (
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// Limits says how records are sent. It has the fields of redeem.Reporting, which documents them.
type Limits struct {
	MaxRecords       int
	MaxBytes         int
	MinWait, MaxWait time.Duration
	Every            time.Duration
	Timeout          time.Duration
	Manual           bool
}

// WithDefaults fills in what is zero.
func (l Limits) WithDefaults() Limits {
	def := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	if l.MaxRecords <= 0 {
		l.MaxRecords = 100
	}
	l.MaxRecords = min(l.MaxRecords, record.MaxReport)
	if l.MaxBytes <= 0 {
		l.MaxBytes = 256 << 10
	}
	def(&l.MinWait, time.Second)
	def(&l.MaxWait, 5*time.Minute)
	def(&l.Every, 15*time.Minute)
	def(&l.Timeout, time.Minute)
	return l
}
