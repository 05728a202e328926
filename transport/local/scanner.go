package local

import (
	"context"
	"errors"
	"time"

	"github.com/offlane/offlane/barcode/wedge"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// Tests are the texts of the self-test barcodes of a hand scanner.
type tests struct {
	// Text is for a QR code or Data Matrix, Linear for a Code 128.
	Text   string `json:"text"`
	Linear string `json:"linear"`
}

func (s *Service) scannerTest(context.Context, nothing, string) (tests, error) {
	return tests{wedge.SelfTest, wedge.SelfTestLinear}, nil
}

// A scan is what arrived of one symbol, with all that came before and after its text.
type scan struct {
	Arrived string `json:"arrived"`
	// Profile is what scanner-learn answered; none: everything is recognised from the text.
	Profile *wedge.Profile `json:"profile,omitempty"`
}

// A learned is the profile of a scanner.
type learned struct {
	Profile wedge.Profile `json:"profile"`
}

// An arrived is what arrived of the self-test.
type arrived struct {
	Arrived string `json:"arrived"`
}

func (s *Service) scannerLearn(_ context.Context, q arrived, _ string) (learned, error) {
	profile, err := wedge.Learn([]byte(q.Arrived))
	if err != nil {
		return learned{}, fault.New(fault.Unreadable, "local", "%w", err)
	}
	return learned{profile}, nil
}

// A reading is what a scan is, for check, reserve, redeem, correct and void.
type reading struct {
	Scanned   string `json:"scanned"`
	Separated bool   `json:"separated"`
	// Readings are all that the scan may have been. More than one: it is not known which.
	Readings   []string `json:"readings"`
	Recognised bool     `json:"recognised,omitempty"`
	Incomplete bool     `json:"incomplete,omitempty"`
	Repairs    []string `json:"repairs,omitempty"`
}

func (s *Service) scannerRead(_ context.Context, q scan, _ string) (reading, error) {
	r, err := readScan(q)
	if err != nil {
		return reading{}, err
	}
	return reading{r.String(), r.Separated, notNil(r.Readings), r.Recognised, r.Incomplete, r.Repairs}, nil
}

// readScan has one scan framed and repaired.
func readScan(q scan) (wedge.Scan, error) {
	cfg := wedge.Config{Accept: isOffer}
	if q.Profile != nil {
		cfg.Profile = *q.Profile
	}
	framer, err := wedge.NewFramer(cfg)
	if err != nil {
		return wedge.Scan{}, fault.New(fault.InvalidRequest, "local", "profile: %w", err)
	}
	scans, err := framer.Push([]byte(q.Arrived), time.Time{}.Add(time.Hour))
	if err != nil {
		return wedge.Scan{}, fault.New(fault.TooLarge, "local", "arrived: %w", err)
	}
	if scans = append(scans, framer.Flush()...); len(scans) != 1 {
		return wedge.Scan{}, fault.New(fault.InvalidRequest, "local", "arrived: it holds %d scans: give one", len(scans))
	}
	return scans[0], nil
}

// isOffer reports whether a text carries a check of its own.
func isOffer(text string) bool {
	_, err := offer.Parse(text)
	return err == nil || errors.Is(err, fault.Ambiguous)
}
