package trust

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

// Limits of a bundle and of a delta.
const (
	// maxSize is the greatest length in bytes of a bundle with its delta: about three and a half million spent offers.
	maxSize = 8 << 20
	// maxNames is the greatest number of names in one array: keys, campaigns, GS1 numbers.
	maxNames = 1 << 17
	// maxAlias is the greatest length in bytes of a GS1 number.
	maxAlias = 128
)

// common is what a bundle and a delta both hold.
type common struct {
	sequence         uint64
	merchant         string
	made             time.Time
	keys, roots      []offer.Key
	revokedCampaigns []string
	campaigns        []Campaign
	agreements       []Agreement
	correction       uint64
	withdrawals      []Withdrawal
	lanes            []Lane
}

// check holds a bundle or a delta to what its fields promise, before it is signed and after it was read.
func (c common) check() error {
	switch {
	case c.sequence == 0:
		return errors.New("the sequence is zero")
	case c.made.UnixMilli() <= 0:
		return errors.New("it does not say when it was made")
	}
	if err := checkName("merchant", c.merchant, 1, offer.MaxName); err != nil {
		return err
	}
	for _, keys := range [][]offer.Key{c.keys, c.roots} {
		if _, err := offer.NewKeys(keys...); err != nil {
			return err
		}
	}
	if err := checkNames("revoked campaign", c.revokedCampaigns, 1, offer.MaxName); err != nil {
		return err
	}
	for _, a := range c.agreements {
		if err := a.check(c.merchant); err != nil {
			return err
		}
	}
	if err := checkWithdrawals(c.withdrawals, c.correction); err != nil {
		return err
	}
	if err := checkLanes(c.lanes); err != nil {
		return err
	}
	return checkCampaigns(c.campaigns)
}

// checkNames asks that names are in strictly ascending order and within their lengths.
func checkNames(what string, names []string, least, most int) error {
	for i, name := range names {
		if err := checkName(what, name, least, most); err != nil {
			return err
		}
		if i > 0 && names[i-1] >= name {
			return fmt.Errorf("the %s %q stands twice or out of order", what, name)
		}
	}
	return nil
}

func (o Offers) check() error {
	for i, id := range o.IDs {
		if id.IsZero() || i > 0 && compareIDs(o.IDs[i-1], id) >= 0 {
			return fmt.Errorf("the identifier %s is zero, stands twice or out of order", id)
		}
	}
	return checkNames("GS1 number", o.Aliases, 1, maxAlias)
}

func checkCampaigns(campaigns []Campaign) error {
	for i, c := range campaigns {
		if i > 0 && compareCampaign(campaigns[i-1], c.Name) >= 0 {
			return fmt.Errorf("the campaign %q stands twice or out of order", c.Name)
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("the campaign %q: %w", c.Name, err)
		}
	}
	return nil
}

func compareCampaign(c Campaign, name string) int { return cmp.Compare(c.Name, name) }

func (c Campaign) check() error {
	err := cmp.Or(
		checkName("name", c.Name, 0, offer.MaxName),
		checkName("owner", c.Owner, 0, offer.MaxName),
		checkName("title", c.Title, 0, maxTitle),
		checkEach("prefix", c.Prefixes, maxAlias),
		checkEach("store", c.Stores, offer.MaxName),
		c.Unproven.check(),
		c.Offline.check(),
		c.Layout.Check(),
	)
	switch {
	case err != nil:
		return err
	case !c.NotAfter.IsZero() && !c.NotBefore.Before(c.NotAfter):
		return errors.New("its validity ends before it begins")
	case c.Terms.IsZero():
		return nil
	}
	return c.Terms.Check()
}

func checkEach(what string, names []string, most int) error {
	for _, name := range names {
		if err := checkName(what, name, 1, most); err != nil {
			return err
		}
	}
	return nil
}

func (a Allowance) check() error {
	switch {
	case a.Number < 0 || a.Value < 0 || a.Value > terms.MaxAmount:
		return fmt.Errorf("the allowance of %d redemptions and a value of %d cannot be", a.Number, a.Value)
	case (a.Value != 0) != terms.IsCurrency(a.Currency) || a.Value == 0 && a.Currency != "":
		return errors.New("an allowance names a value and its currency, or neither")
	}
	return nil
}

// sortedCampaigns returns a copy in the order of the names.
func sortedCampaigns(campaigns []Campaign) []Campaign {
	sorted := slices.Clone(campaigns)
	slices.SortStableFunc(sorted, func(a, b Campaign) int { return compareCampaign(a, b.Name) })
	return sorted
}
