package transporttest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// A Target is a backend whose conformance is asked for. It may be in any language: only HTTP is spoken with it. The
// rules enrol terminals and redeem offers, so it should be one for tests.
type Target struct {
	// URL is its base address.
	URL string
	// Client speaks with it; nil: http.DefaultClient.
	Client *http.Client
	// Code is an enrolment code for one store, good for at least 64 terminals.
	Code string
	// Offer returns the text of an offer that was never returned before: valid now in the code's store, with one use.
	// AcceptFrom is one way to get it.
	Offer func(context.Context) (string, error)
	// Management is the base address for merchants; empty: URL.
	Management string
	// Owner and Partner are two merchants of the backend between which no agreement stands, with their management keys.
	// The rules on agreements create campaigns and agreements of theirs; zero: those rules are skipped. The rule on blocks
	// makes an enrolment code of Owner's, those on exports make what is due of it for wire.PlatformECAPI.
	Owner, Partner MerchantKey
	// Withdraw has the backend withdraw what its clock said from one moment until another, as its operator would; nil:
	// that rule is skipped.
	Withdraw func(ctx context.Context, from, until time.Time) error
}

// A Rule is one promise of the contract.
type Rule struct {
	// Name is a few words joined by hyphens; it stays the same from release to release.
	Name string
	// Text says what is promised.
	Text  string
	check func(context.Context, *suite) error
}

// A Result says whether a backend keeps a rule.
type Result struct {
	Rule Rule
	// Err is nil, or says what the backend did instead.
	Err error
	// Skipped says why the rule was not checked; empty: it was.
	Skipped string
	Took    time.Duration
}

// Rules lists the rules in the order in which they are checked.
func Rules() []Rule {
	var all []Rule
	for _, group := range [][]Rule{serviceRules, enrolmentRules, rotationRules, reportRules, bookingRules, chainRules,
		signedRules, bundleRules, agreementRules, operatorRules, deviceRules, consentRules, answerRules, holdoutRules,
		exportRules, limitRules, clockRules} {
		all = append(all, group...)
	}
	return all
}

// Conformance checks every rule against the target, each with terminals of its own. A rule that cannot be
// checked fails, except one for which the target does not name what it needs: that is skipped.
func Conformance(ctx context.Context, target Target) []Result {
	if target.Client == nil {
		target.Client = http.DefaultClient
	}
	target.URL = strings.TrimRight(target.URL, "/")
	var results []Result
	for _, rule := range Rules() {
		begin := time.Now()
		result := Result{Rule: rule, Err: rule.check(ctx, &suite{target})}
		if why, ok := errors.AsType[skip](result.Err); ok {
			result.Skipped, result.Err = string(why), nil
		}
		result.Took = time.Since(begin)
		results = append(results, result)
	}
	return results
}

// TestConformance runs each rule as a subtest.
func TestConformance(t *testing.T, target Target) {
	for _, result := range Conformance(t.Context(), target) {
		t.Run(result.Rule.Name, func(t *testing.T) {
			if result.Skipped != "" {
				t.Skip(result.Skipped)
			}
			if result.Err != nil {
				t.Errorf("%s\n%v", result.Rule.Text, result.Err)
			}
		})
	}
}

// A suite is the state that rules share: none but the target.
type suite struct{ Target }

// offer fetches a fresh offer.
func (s *suite) offer(ctx context.Context) (offer.Presented, error) {
	text, err := s.Offer(ctx)
	if err != nil {
		return offer.Presented{}, breach("no offer to redeem: %w", err)
	}
	p, err := offer.Parse(text)
	if err != nil {
		return offer.Presented{}, breach("the offer cannot be read: %w", err)
	}
	return p, nil
}

// breach says what a backend did instead of what the contract asks for.
func breach(format string, args ...any) error {
	return fault.New(fault.NotTheContract, "transporttest.Conformance", format, args...)
}
