package transporttest

import (
	"context"
	"net/http"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// The rules on holdouts are for a backend that can do wire.CanDevice. They create campaigns and need the merchants.
var holdoutRules = []Rule{
	{"holdout-unseen", "A device that is held out of a campaign is shown it neither as an answer to a redemption nor " +
		"under \"New\", however often it asks; the others are shown it as an answer.", checkUnseen},
	{"holdout-counted", "The effect of a campaign with a holdout counts each device that could be answered with it " +
		"once, in the arm that it is in.", checkArms},
}

// mostEntered is how many devices enter a trial at most. With half of them held out, one of 2^31 trials has one arm.
const mostEntered = 32

// A trial is a campaign of which half the devices are held out, and devices that could be answered with it.
type trial struct {
	campaign          string
	answered, heldOut []*device
}

// trial has devices enter until there is one of each arm; nil: the backend has no devices.
func (s *suite) trial(ctx context.Context) (*trial, error) {
	held, err := s.open(ctx, wire.Campaign{Holdout: wire.Holdout{Percent: 50}})
	if err != nil || held == nil {
		return nil, err
	}
	first, err := s.open(ctx, wire.Campaign{FollowUps: []wire.FollowUp{{Offer: held.campaign}}})
	if err != nil {
		return nil, err
	}
	lane, err := s.tillOfOwner(ctx)
	if err != nil {
		return nil, err
	}
	of := &trial{campaign: held.campaign}
	for range mostEntered {
		if err := of.enter(ctx, s, lane, first.campaign); err != nil {
			return nil, err
		}
		if len(of.answered) > 0 && len(of.heldOut) > 0 {
			return of, nil
		}
	}
	return nil, breach("of %d devices that could be answered with a campaign that holds half of them out, %d are shown "+
		"it and %d are not", mostEntered, len(of.answered), len(of.heldOut))
}

// enter has a new device redeem an offer of the campaign whose redemption is answered, and come back.
func (of *trial) enter(ctx context.Context, s *suite, lane *till, first string) error {
	d := &device{s, map[string]*http.Cookie{}, first}
	accepts := wire.Accept{Campaign: first, Personal: true, Measurement: true, Text: "conformance 1"}
	if _, err := d.redeems(ctx, lane, http.Header{}, accepts); err != nil {
		return err
	}
	shown, err := d.askShown(ctx, of.campaign)
	switch {
	case err != nil:
		return err
	case shown == nil:
		of.heldOut = append(of.heldOut, d)
	case shown.Why.Rule != "redeemed":
		return breach("a device that redeemed is shown the campaign that answers it by the rule %q", shown.Why.Rule)
	default:
		of.answered = append(of.answered, d)
	}
	return nil
}

// redeems accepts an offer, with header fields beside the cookies, and redeems it.
func (d *device) redeems(ctx context.Context, lane *till, header http.Header, accepts wire.Accept) (record.Record,
	error) {
	resp, err := d.askWith(ctx, header, http.MethodPost, wire.PathDeviceOffers, accepts)
	accepted, err := wantCreated[wire.DeviceOffer](resp, err)
	if err != nil {
		return record.Record{}, err
	}
	p, err := offer.Parse(accepted.Pass)
	if err != nil {
		return record.Record{}, breach("the offer cannot be read: %w", err)
	}
	rec, _, err := lane.bookOffer(ctx, p, record.Confirmed)
	return rec, err
}

func checkUnseen(ctx context.Context, s *suite) error {
	of, err := s.trial(ctx)
	if err != nil || of == nil {
		return err
	}
	for range 3 {
		for _, d := range []*device{of.heldOut[0], of.answered[0]} {
			shown, err := d.askShown(ctx, of.campaign)
			if err != nil {
				return err
			}
			if before := d == of.answered[0]; before != (shown != nil) {
				return breach("a device was shown the campaign at first: %v; when it asks again: %v", before, shown != nil)
			}
		}
	}
	return nil
}

func checkArms(ctx context.Context, s *suite) error {
	of, err := s.trial(ctx)
	if err != nil || of == nil {
		return err
	}
	for _, d := range []*device{of.answered[0], of.heldOut[0]} { // they were counted already
		if _, err := d.askShown(ctx, of.campaign); err != nil {
			return err
		}
	}
	effect, err := s.effect(ctx, of.campaign)
	if err != nil {
		return err
	}
	if effect.Trial == nil {
		return breach("the effect of a campaign with a holdout has no trial")
	}
	answered, heldOut := effect.Trial.Answered.Eligible, effect.Trial.HeldOut.Eligible
	if answered != int64(len(of.answered)) || heldOut != int64(len(of.heldOut)) {
		return breach("%d devices were answered and %d held out, and %d and %d are counted", len(of.answered),
			len(of.heldOut), answered, heldOut)
	}
	return nil
}
