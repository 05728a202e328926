package decision

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// maxPolicy bounds a policy as JSON in bytes.
const maxPolicy = 64 << 10

// policyJSON is the form of a Policy in JSON.
type policyJSON struct {
	MaxAlone       duration        `json:"maxAlone,omitempty"`
	MaxBundleAge   duration        `json:"maxBundleAge,omitempty"`
	MaxUnreported  duration        `json:"maxUnreported,omitempty"`
	Unattended     bool            `json:"unattended,omitempty"`
	Training       bool            `json:"training,omitempty"`
	MaxUses        int             `json:"maxUses,omitempty"`
	PerHour        trust.Allowance `json:"perHour,omitzero"`
	Unreported     trust.Allowance `json:"unreported,omitzero"`
	PerCampaign    trust.Allowance `json:"perCampaign,omitzero"`
	UnprovenPerDay trust.Allowance `json:"unprovenPerDay,omitzero"`
	WithoutHub     trust.Allowance `json:"withoutHub,omitzero"`

	VoidsPerOffer    int             `json:"voidsPerOffer,omitempty"`
	VoidsPerOperator trust.Allowance `json:"voidsPerOperator,omitzero"`
	VoidsPerHour     trust.Allowance `json:"voidsPerHour,omitzero"`
}

// duration is text such as "36h" in JSON.
type duration time.Duration

// MarshalText returns the text.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// parsePolicy reads a policy and refuses what it does not know.
func parsePolicy(data []byte) (Policy, error) {
	const op = "redeem.ParsePolicy"
	if len(data) > maxPolicy {
		return Policy{}, fault.New(fault.TooLarge, op, "the policy has %d bytes, at most %d are read", len(data), maxPolicy)
	}
	var read policyJSON
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return Policy{}, fault.New(fault.InvalidRequest, op, "the policy cannot be read: %w", err)
	}
	if decoder.More() {
		return Policy{}, fault.New(fault.InvalidRequest, op, "something follows the policy")
	}
	policy := read.policy()
	return policy, policy.Check()
}

// MarshalJSON writes what UnmarshalJSON reads.
func (p Policy) MarshalJSON() ([]byte, error) {
	return json.Marshal(policyJSON{
		MaxAlone: duration(p.MaxAlone), MaxBundleAge: duration(p.MaxBundleAge), MaxUnreported: duration(p.MaxUnreported),
		Unattended: p.Unattended, Training: p.Training, MaxUses: p.MaxUses,
		PerHour: p.PerHour, Unreported: p.Unreported, PerCampaign: p.PerCampaign, UnprovenPerDay: p.UnprovenPerDay,
		WithoutHub:    p.WithoutHub,
		VoidsPerOffer: p.VoidsPerOffer, VoidsPerOperator: p.VoidsPerOperator, VoidsPerHour: p.VoidsPerHour,
	})
}

// UnmarshalJSON reads a policy such as {"maxAlone":"72h","perHour":{"number":60}}. What it does not know it refuses,
// since a limit that is misspelt is no limit. Its error is fault.TooLarge or fault.InvalidRequest.
func (p *Policy) UnmarshalJSON(data []byte) error {
	parsed, err := parsePolicy(data)
	if err == nil {
		*p = parsed
	}
	return err
}

func (j policyJSON) policy() Policy {
	return Policy{
		MaxAlone: time.Duration(j.MaxAlone), MaxBundleAge: time.Duration(j.MaxBundleAge),
		MaxUnreported: time.Duration(j.MaxUnreported),
		Unattended:    j.Unattended, Training: j.Training, MaxUses: j.MaxUses,
		PerHour: j.PerHour, Unreported: j.Unreported, PerCampaign: j.PerCampaign, UnprovenPerDay: j.UnprovenPerDay,
		WithoutHub:    j.WithoutHub,
		VoidsPerOffer: j.VoidsPerOffer, VoidsPerOperator: j.VoidsPerOperator, VoidsPerHour: j.VoidsPerHour,
	}
}

// Check returns nil for a policy that can be followed, else fault.InvalidRequest. Open asks it.
func (p Policy) Check() error {
	const op = "redeem.Policy"
	switch {
	case p.MaxBundleAge < 0 || p.MaxUnreported < 0:
		return fault.New(fault.InvalidRequest, op, "the ages %s and %s cannot be negative", p.MaxBundleAge, p.MaxUnreported)
	case p.MaxUses < 0:
		return fault.New(fault.InvalidRequest, op, "%d uses of an offer cannot be", p.MaxUses)
	case p.VoidsPerOffer < 0:
		return fault.New(fault.InvalidRequest, op, "%d voids of an offer cannot be", p.VoidsPerOffer)
	}
	for name, limit := range map[string]trust.Allowance{
		"perHour": p.PerHour, "unreported": p.Unreported, "perCampaign": p.PerCampaign, "unprovenPerDay": p.UnprovenPerDay,
		"withoutHub": p.WithoutHub, "voidsPerOperator": p.VoidsPerOperator, "voidsPerHour": p.VoidsPerHour,
	} {
		if limit.Number < 0 || limit.Value < 0 || limit.Value > terms.MaxAmount ||
			(limit.Value != 0) != terms.IsCurrency(limit.Currency) || limit.Value == 0 && limit.Currency != "" {
			return fault.New(fault.InvalidRequest, op, "the limit %s of %d and %d %q cannot be: "+
				"neither is negative, and a value goes with its currency", name, limit.Number, limit.Value, limit.Currency)
		}
	}
	return nil
}
