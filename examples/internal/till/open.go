package till

import (
	"context"
	"log/slog"
	"os"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
)

// Options say where a till's folder and its backend are.
type Options struct {
	// Dir is the terminal's folder.
	Dir string `json:"dir"`
	// Backend is the backend's address; empty: the till never reports.
	Backend string `json:"backend,omitempty"`
	// Code enrols the terminal at its first contact.
	Code string `json:"code,omitempty"`
	// Place is where the terminal stands; merchant and store come from the enrolment if empty.
	Place record.Place `json:"place,omitzero"`
	// Verbose logs to standard error.
	Verbose bool `json:"verbose,omitempty"`
}

// Open opens a till.
func Open(ctx context.Context, o Options) (Till, error) {
	till := Till{Scanner: new(barcode.Scanner), Counts: new(Counts)}
	config := redeem.Config{Place: o.Place, EnrolmentCode: o.Code, OnEvent: till.Counts.Event}
	if o.Verbose {
		config.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if o.Backend != "" {
		client, err := transport.New(transport.Config{URL: o.Backend, Logger: config.Logger})
		if err != nil {
			return Till{}, err
		}
		config.Reporter, till.Backend = client, client
	}
	var err error
	till.Terminal, err = redeem.Open(ctx, o.Dir, config)
	return till, err
}
