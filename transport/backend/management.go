package backend

import (
	"context"
	"crypto/subtle"
	"net/http"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// Paths of the management handler beside those of the contract.
const (
	// PathCampaignState changes a campaign's state (PUT, a NewState).
	PathCampaignState = wire.PathManagement + "campaigns/{id}/state"
	// PathRevocations revokes single offers (POST, a Revocation).
	PathRevocations = wire.PathManagement + "revocations"
	// PathFigures counts by campaign, store and day (GET; from, to, format=csv).
	PathFigures = wire.PathManagement + "figures"
	// PathTerminalList lists the merchant's terminals (GET).
	PathTerminalList = wire.PathManagement + "terminals"
)

// manager is a handler that knows whose management key the request bears.
type manager func(w http.ResponseWriter, r *http.Request, merchant string) error

// managed lets a request through whose bearer token is a management key. All keys are compared, so that the time tells nothing.
func (s *Server) managed(next manager) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		key, err := bearer(r)
		if err != nil {
			return err
		}
		hash, merchant := HashOf(key), ""
		for _, m := range s.merchants {
			known := HashOf(m.Key)
			if subtle.ConstantTimeCompare(hash[:], known[:]) == 1 {
				merchant = m.Name
			}
		}
		if merchant == "" {
			return fault.New(fault.Unauthorized, "", "the management key is not known")
		}
		return next(w, r, merchant)
	}
}

func (s *Server) getCampaigns(w http.ResponseWriter, r *http.Request, merchant string) error {
	campaigns, err := s.campaignsOf(r.Context(), merchant)
	if err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, struct {
		Campaigns []Campaign `json:"campaigns"`
	}{campaigns})
}

func (s *Server) postCampaign(w http.ResponseWriter, r *http.Request, merchant string) error {
	c, err := readBody[Campaign](w, r)
	if err != nil {
		return err
	}
	if c, err = s.AddCampaign(r.Context(), merchant, c); err != nil {
		return err
	}
	return s.answer(w, http.StatusCreated, c)
}

// AddCampaign creates a campaign of the merchant and returns it as it was stored. Errors: fault.InvalidRequest, fault.TooLarge
// where its passes would not fit a QR code, fault.Conflict where the id is taken.
func (s *Server) AddCampaign(ctx context.Context, merchant string, c Campaign) (Campaign, error) {
	c.Merchant, c.State, c.Created, c.Accepted, c.Revoked = merchant, Active, s.now().UnixMilli(), 0, 0
	if err := c.check(); err != nil {
		return Campaign{}, err
	}
	if _, err := s.issue(&c, s.now(), offer.NewID(), sampleAlias(&c)); err != nil {
		return Campaign{}, err
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		switch known, err := tx.Campaign(c.ID); {
		case err != nil:
			return err
		case known != nil:
			return fault.New(fault.Conflict, "backend.AddCampaign", "there is a campaign %q already: choose another id", c.ID)
		}
		return tx.PutCampaign(c)
	})
	return c, err
}

// A NewState is the body of a PUT to PathCampaignState.
type NewState struct {
	State CampaignState `json:"state"`
}

// putState pauses, resumes, ends or revokes a campaign. What is ended stays ended, what is revoked stays revoked.
func (s *Server) putState(w http.ResponseWriter, r *http.Request, merchant string) error {
	to, err := readBody[NewState](w, r)
	if err != nil {
		return err
	}
	var changed Campaign
	err = s.store.Update(r.Context(), func(tx Tx) error {
		c, err := tx.LockCampaign(r.PathValue("id"))
		if err != nil {
			return err
		}
		if err := c.become(to.State, merchant, s.now().UnixMilli()); err != nil {
			return err
		}
		changed = *c
		return tx.PutCampaign(*c)
	})
	if err != nil {
		return err
	}
	s.bundles.forget()
	return s.answer(w, http.StatusOK, changed)
}

// become changes the state, where the merchant may and the state allows it.
func (c *Campaign) become(to CampaignState, merchant string, now int64) error {
	switch {
	case c == nil || c.Merchant != merchant:
		return fault.New(fault.NotFound, "", "this merchant has no such campaign")
	case to != Active && to != Paused && to != Ended && to != Withdrawn:
		return invalid("%q is no state of a campaign", to)
	case c.State == Withdrawn && to != Withdrawn, c.State == Ended && to != Ended && to != Withdrawn:
		return fault.New(fault.Conflict, "", "the campaign %q is %s, which cannot be undone", c.ID, c.State)
	}
	if to == Withdrawn && c.Revoked == 0 {
		c.Revoked = now
	}
	c.State = to
	return nil
}

// A Revocation is the body of a POST to PathRevocations: offers that are no longer good, by short code, pass or GS1 number as
// a scanner reads them.
type Revocation struct {
	Offers []string `json:"offers"`
}

// Revoked is the answer to a Revocation.
type Revoked struct {
	// Revoked counts the offers that are revoked now; Unknown are the indexes of those that are none of the merchant's.
	Revoked int   `json:"revoked"`
	Unknown []int `json:"unknown,omitempty"`
}

func (s *Server) postRevocations(w http.ResponseWriter, r *http.Request, merchant string) error {
	body, err := readBody[Revocation](w, r)
	if err != nil {
		return err
	}
	if len(body.Offers) > record.MaxReport {
		return invalid("%d offers, at most %d can be revoked at once", len(body.Offers), record.MaxReport)
	}
	var answer Revoked
	err = s.store.Update(r.Context(), func(tx Tx) error {
		answer = Revoked{}
		for i, text := range body.Offers {
			done, err := s.revoke(tx, text, merchant)
			if err != nil {
				return err
			}
			if done {
				answer.Revoked++
			} else {
				answer.Unknown = append(answer.Unknown, i)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.bundles.forget()
	return s.answer(w, http.StatusOK, answer)
}

func (s *Server) revoke(tx Tx, text, merchant string) (bool, error) {
	presented, err := offer.Parse(text)
	if err != nil || !presented.Identifies() {
		return false, nil
	}
	offers, err := tx.Offers([]offer.ID{presented.ID}, []string{presented.Alias})
	if err != nil || len(offers) == 0 {
		return false, err
	}
	o := offers[0]
	c, err := campaignOf(tx, o.Campaign)
	if err != nil || c.Merchant != merchant {
		return false, err
	}
	if o.Revoked == 0 {
		o.Revoked = s.now().UnixMilli()
		err = tx.PutOffers([]Offer{o})
	}
	return true, err
}

func (s *Server) getCodes(w http.ResponseWriter, r *http.Request, merchant string) error {
	answer := wire.Codes{Codes: []wire.Code{}}
	err := s.store.View(r.Context(), func(tx Tx) error {
		codes, err := tx.Codes(merchant)
		for _, c := range codes {
			answer.Codes = append(answer.Codes, c.wire())
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, answer)
}

func (c Code) wire() wire.Code {
	return wire.Code{Code: c.Text, Store: c.Store, Terminals: c.Terminals, Used: c.Used, Expires: c.Expires}
}

const maxTerminals = 100_000

func (s *Server) postCode(w http.ResponseWriter, r *http.Request, merchant string) error {
	body, err := readBody[wire.NewCode](w, r)
	if err != nil {
		return err
	}
	code, err := s.AddCode(r.Context(), merchant, body)
	if err != nil {
		return err
	}
	return s.answer(w, http.StatusCreated, code)
}

// AddCode makes an enrolment code for a store of the merchant. Error: fault.InvalidRequest.
func (s *Server) AddCode(ctx context.Context, merchant string, want wire.NewCode) (wire.Code, error) {
	if want.Store == "" || len(want.Store) > offer.MaxName || want.Terminals < 0 || want.Terminals > maxTerminals {
		return wire.Code{}, invalid("a code needs a store of at most %d bytes and is for at most %d terminals", offer.MaxName, maxTerminals)
	}
	text := newCodeText()
	code := Code{Hash: HashOf(plainCode(text)), Text: text, Merchant: merchant, Store: want.Store, Terminals: max(want.Terminals, 1), Expires: want.Expires}
	err := s.store.Update(ctx, func(tx Tx) error { return tx.PutCode(code) })
	return code.wire(), err
}

func (s *Server) getGaps(w http.ResponseWriter, r *http.Request, merchant string) error {
	terminals, err := s.terminals(r.Context(), merchant)
	if err != nil {
		return err
	}
	answer := wire.Gaps{Gaps: []wire.Gap{}}
	for i := range terminals {
		answer.Gaps = append(answer.Gaps, terminals[i].gaps()...)
	}
	return s.answer(w, http.StatusOK, answer)
}

// gaps are the chains with which something is wrong.
func (t *Terminal) gaps() (gaps []wire.Gap) {
	for i := range t.Chains {
		c := &t.Chains[i]
		missing := t.missing(c)
		if len(missing) == 0 && len(c.Lost) == 0 && !c.Forked {
			continue
		}
		gaps = append(gaps, wire.Gap{Terminal: t.ID, Chain: c.ID, Place: t.Place, Missing: missing, Lost: c.Lost,
			Forked: c.Forked, Highest: c.highest(), LastReport: t.LastReport})
	}
	return gaps
}

// postUploads takes reports that a terminal wrote to a file. Each is verified with its terminal's key.
func (s *Server) postUploads(w http.ResponseWriter, r *http.Request, merchant string) error {
	body, err := readBody[wire.Upload](w, r)
	if err != nil {
		return err
	}
	answer := wire.Uploaded{Answers: []wire.UploadAnswer{}}
	for _, report := range body.Reports {
		one, err := s.upload(r, report, merchant)
		if err != nil {
			problem := wire.NewProblem(err)
			answer.Answers = append(answer.Answers, wire.UploadAnswer{Problem: &problem})
			continue
		}
		taken := wire.FromAnswer(one)
		answer.Answers = append(answer.Answers, wire.UploadAnswer{Answer: &taken})
	}
	return s.answer(w, http.StatusOK, answer)
}

func (s *Server) upload(r *http.Request, body wire.Report, merchant string) (record.Answer, error) {
	report, err := body.Record()
	if err != nil {
		return record.Answer{}, err
	}
	h, err := report.Peek()
	if err != nil {
		return record.Answer{}, err
	}
	var t *Terminal
	err = s.store.View(r.Context(), func(tx Tx) error {
		t, err = tx.Terminal(h.Terminal)
		return err
	})
	if err != nil {
		return record.Answer{}, err
	}
	if t == nil || t.Place.Merchant != merchant {
		return record.Answer{}, fault.New(fault.NotFound, "", "this merchant has no terminal %s", h.Terminal)
	}
	return s.take(r.Context(), t, report)
}
