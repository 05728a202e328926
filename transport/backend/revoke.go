package backend

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// postRevocations revokes single offers.
func (s *Server) postRevocations(c *call) (any, error) {
	body, err := bodyOf[wire.Revocation](c)
	if err != nil {
		return nil, err
	}
	if len(body.Offers) > record.MaxReport {
		return nil, invalid("%d offers, at most %d can be revoked at once", len(body.Offers), record.MaxReport)
	}
	defer s.bundles.forget()
	return update(c.Context(), s, func(tx Tx) (answer wire.Revoked, err error) {
		for i, text := range body.Offers {
			done, err := s.revoke(tx, text, c.merchant)
			if err != nil {
				return answer, err
			}
			if done {
				answer.Revoked++
			} else {
				answer.Unknown = append(answer.Unknown, i)
			}
		}
		return answer, nil
	})
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
	c, err := campaignOf(tx, offers[0].Campaign)
	if err != nil || c.Merchant != merchant {
		return false, err
	}
	if offers[0].Revoked == 0 {
		offers[0].Revoked = s.now().UnixMilli()
		err = tx.PutOffers(offers[:1])
	}
	return true, err
}
