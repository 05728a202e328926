package redeem

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A call that makes several records writes them with one flush. If the power fails before that, some of them may be
// there and others not, and nobody was told of any. The call that is repeated then finds that records are missing, and
// makes them. What was certainly acknowledged and is damaged it does not make again: the backend may have it.

// A part is one of the records that one call made.
type part struct {
	storedRecord
	kept attachment
}

// partsOf returns records in the order in which their calls made them.
func (r *recorder) partsOf(all []storedRecord) []part {
	parts := make([]part, len(all))
	for i, f := range all {
		parts[i] = part{f, r.attachmentOf(f.Stored)}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.kept.Part, b.kept.Part) })
	return parts
}

// orderUses puts the uses of a group into the order in which their call made them, where the first one of the group
// stands.
func (r *recorder) orderUses(all []storedRecord) []storedRecord {
	first := map[record.ID]uint64{}
	for _, f := range all {
		if n, ok := first[f.rec.Group]; !ok || f.Number < n {
			first[f.rec.Group] = f.Number
		}
	}
	place := func(p part) uint64 {
		if p.rec.Group.IsZero() {
			return p.Number
		}
		return first[p.rec.Group]
	}
	parts := r.partsOf(all)
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(place(a), place(b)) })
	for i, p := range parts {
		all[i] = p.storedRecord
	}
	return all
}

// missingParts returns which of the records of a call are missing, and the numbers that they may have had in the chain.
func missingParts(parts []part) (missing []int, numbers []uint64) {
	of := parts[0].kept.Parts
	if len(parts) >= of {
		return nil, nil
	}
	for i := range of {
		if slices.ContainsFunc(parts, func(p part) bool { return p.kept.Part == i }) {
			continue
		}
		missing = append(missing, i)
		for _, p := range parts {
			numbers = append(numbers, p.rec.Number+uint64(i)-uint64(p.kept.Part))
		}
	}
	return missing, numbers
}

// wasNeverVouched reports whether nothing says that records with these numbers were acknowledged.
func (r *recorder) wasNeverVouched(numbers []uint64) bool {
	return !slices.ContainsFunc(r.journal.Damage(), func(d journal.Damage) bool {
		return d.Certainty == journal.Lost && (d.FirstNumber == 0 || slices.ContainsFunc(numbers, func(n uint64) bool {
			return d.FirstNumber <= n && (n <= d.LastNumber || d.Unknown)
		}))
	})
}

// lookForCut notes what is missing of the uses that a repeated call tells of, if that call was the same one.
func (r *redeemer) lookForCut(v *journal.View, c *candidate) error {
	c.cut = nil
	first := c.repeated[0]
	missing, numbers := missingParts(c.repeated)
	if len(missing) == 0 || c.Uses != first.kept.Parts {
		return nil
	}
	all, err := recordsOf(v, c.sale, record.Redemption)
	all = slices.DeleteFunc(all, func(f storedRecord) bool { return f.rec.Group != first.rec.Group })
	if isUnread(err) { // those may be the ones that are missing
		return nil
	}
	if err != nil || len(all) > len(c.repeated) { // some were voided since
		return err
	}
	shares := c.shares()
	for _, p := range c.repeated {
		if p.rec.Given != shares[p.kept.Part].given {
			return nil // it is another call
		}
	}
	c.cut = numbers
	return nil
}

// makeMissing makes the records that are missing of the uses that a call was to grant.
func (r *redeemer) makeMissing(v *journal.View, c *candidate) ([]journal.Entry, error) {
	if err := r.lookForCut(v, c); err != nil || len(c.cut) == 0 {
		return nil, err
	}
	b := r.batch(v, c.Facts.Time, c.Facts.Place)
	like := c.repeated[0].rec
	missing, _ := missingParts(c.repeated)
	shares := c.shares()
	for _, i := range missing {
		rec := b.next(record.Redemption)
		if i == 0 {
			rec.ID = like.Group
		}
		c.describe(&rec)
		rec.Campaign, rec.Sale, rec.Proven, rec.Exclusive, rec.Override = like.Campaign, like.Sale, like.Proven,
			like.Exclusive, like.Override
		rec.Group, rec.Given, rec.GivenBy = like.Group, shares[i].given, like.GivenBy
		rec.Products = like.Products
		kept := attach(passText(c.Request.Scanned, &c.Presented), shares[i].discount, i, c.Uses)
		if err := r.addUse(&b, c, &rec, rec.ID.Receipt(), kept); err != nil {
			return nil, err
		}
	}
	return r.withNote(c, &b), nil
}
