package rules

import (
	"reflect"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
)

// Change replaces a campaign at a moment in milliseconds since 1970. Passes that are out keep their end and their
// terms, and tills know a campaign by one bundle: what both depend on stays, and NotAfter may only come later. Error:
// fault.Conflict, of which the detail begins with the field.
func Change(c *store.Campaign, to store.Campaign, now int64) error {
	for _, field := range []struct {
		name    string
		differs bool
	}{
		{"merchant", to.Merchant != c.Merchant}, {"coupon", to.Coupon != c.Coupon},
		{"layout", !reflect.DeepEqual(to.Layout, c.Layout)}, {"partners", !slices.Equal(to.Partners, c.Partners)},
		{"stores", !slices.Equal(to.Stores, c.Stores)}, {"currency", to.Currency != c.Currency},
		{"terms.currency", to.Terms.Currency != c.Terms.Currency}, {"reserve", to.Reserve != c.Reserve},
		{"holdout", to.Holdout != c.Holdout && c.Holdout != (store.Holdout{})}, // both arms are drawn in one way
	} {
		if field.differs {
			return fault.New(fault.Conflict, "", "%s: it stays as it was created: create another campaign", field.name)
		}
	}
	switch {
	case c.State == Ended || c.State == Withdrawn:
		return fault.New(fault.Conflict, "", "state: the campaign %q is %s: there are no later passes", c.ID, c.State)
	case to.NotAfter != 0 && (c.NotAfter == 0 || to.NotAfter < c.NotAfter):
		return fault.New(fault.Conflict, "", "notAfter: passes are out that may end later: it can only be put off")
	case (to.Limit == 0) != (c.Limit == 0):
		return fault.New(fault.Conflict, "", "limit: it can be changed, but not added or taken away")
	}
	to.State, to.Created, to.Revoked, to.Accepted, to.Changed = c.State, c.Created, c.Revoked, c.Accepted, now
	*c = to
	return nil
}
