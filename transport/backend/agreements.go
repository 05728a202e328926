package backend

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func (s *Server) getAgreements(c *call) (any, error) {
	mine, err := view(c.Context(), s, func(tx store.Tx) ([]store.Agreement, error) { return tx.Agreements(c.merchant) })
	return wire.Agreements{Agreements: listOf(mine, wireAgreement)}, err
}

func (s *Server) postAgreement(c *call) (any, error) {
	want, err := bodyOf[wire.NewAgreement](c, campaignBody)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return s.Propose(c.Context(), c.merchant, want)
}

func (s *Server) putAgreement(c *call) (any, error) {
	to, err := bodyOf[wire.NewAgreementState](c, smallBody)
	if err != nil {
		return nil, err
	}
	return s.ChangeAgreement(c.Context(), c.merchant, c.PathValue("id"), to)
}

// maxAgreements is how many agreements between one owner and one partner are proposed or active at once.
const maxAgreements = 100

// Propose proposes an agreement to another merchant, in the name of the one that is given. Errors:
// fault.InvalidRequest, which names the field that cannot be meant, fault.Forbidden for one between two others,
// fault.NotFound where this backend has no such merchant, fault.Conflict where too many stand.
func (s *Server) Propose(ctx context.Context, merchant string, want wire.NewAgreement) (_ wire.Agreement, err error) {
	defer setOp("backend.Propose", &err)
	a := agreementRow(&want)
	a.ID, a.ProposedBy, a.Proposed = rand.Text(), merchant, s.now().UnixMilli()
	if err := want.Check(); err != nil {
		return wire.Agreement{}, err
	}
	if !rules.IsOf(&a, merchant) {
		return wire.Agreement{}, fault.New(fault.Forbidden, "",
			"owner: %q proposes what it has a part in, as owner or partner",
			merchant)
	}
	for _, name := range [...]string{want.Owner, want.Partner} {
		if !s.serves(name) {
			return wire.Agreement{}, fault.New(fault.NotFound, "", "this backend has no merchant %q", name)
		}
	}
	return wireAgreement(a), s.store.Update(ctx, func(tx store.Tx) error {
		if err := lockAgreements(tx); err != nil {
			return err
		}
		all, err := tx.Agreements(merchant)
		if err != nil {
			return err
		}
		others := func(b store.Agreement) bool {
			return b.Owner != a.Owner || b.Partner != a.Partner || b.State == rules.AgreementEnded
		}
		if len(slices.DeleteFunc(all, others)) >= maxAgreements {
			return fault.New(fault.Conflict, "", "%d agreements between the two stand already: end one", maxAgreements)
		}
		return tx.PutAgreement(a)
	})
}

// serves reports whether it is a merchant of this backend.
func (s *Server) serves(merchant string) bool {
	return slices.ContainsFunc(s.cfg.Merchants, func(m Merchant) bool { return m.Name == merchant })
}

// ChangeAgreement accepts or ends an agreement in the name of one of its merchants, and returns it as it stands then.
// A proposal that is ended before it was accepted is gone. Errors: fault.InvalidRequest, fault.NotFound where the
// merchant has no such agreement, fault.Forbidden for what the other one does, fault.Conflict where it was ended.
func (s *Server) ChangeAgreement(ctx context.Context, merchant, id string, to wire.NewAgreementState) (
	_ wire.Agreement, err error,
) {
	defer setOp("backend.ChangeAgreement", &err)
	defer s.changes.Add(1)
	return update(ctx, s, func(tx store.Tx) (wire.Agreement, error) {
		if err := lockAgreements(tx); err != nil {
			return wire.Agreement{}, err
		}
		a, err := tx.Agreement(id)
		switch {
		case err != nil:
			return wire.Agreement{}, err
		case a == nil || !rules.IsOf(a, merchant):
			return wire.Agreement{}, fault.New(fault.NotFound, "", "this merchant has no such agreement")
		}
		state := store.AgreementState(to.State)
		if err := rules.SetAgreementState(a, state, to.AtOnce, merchant, s.now().UnixMilli()); err != nil {
			return wire.Agreement{}, err
		}
		if err := countChange(tx); err != nil {
			return wire.Agreement{}, err
		}
		if a.State == rules.AgreementEnded && a.Accepted == 0 {
			return wireAgreement(*a), tx.DropAgreement(id)
		}
		return wireAgreement(*a), tx.PutAgreement(*a)
	})
}

// lockAgreements keeps agreements in step with what is allowed because of them: who changes one, and who adds a
// campaign, does so alone.
func lockAgreements(tx store.Tx) error { return tx.LockMerchant("", true) }

// shareAgreements keeps agreements as they are until the transaction ends.
func shareAgreements(tx store.Tx) error { return tx.LockMerchant("", false) }
