package backend

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/transport/backend/internal/effect"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// getEffects tells what became of the answers of the merchant's campaigns, and what answering changed.
func (s *Server) getEffects(c *call) (any, error) {
	return view(c.Context(), s, func(tx store.Tx) (wire.Effects, error) {
		told := wire.Effects{Effects: []wire.Effect{}}
		campaigns, err := tx.Campaigns()
		if err != nil {
			return told, err
		}
		var ids []string
		for i := range campaigns {
			if campaigns[i].Merchant == c.merchant {
				ids = append(ids, campaigns[i].ID)
			}
		}
		rows, err := tx.Measures(ids)
		if err != nil {
			return told, err
		}
		byCampaign := map[string]map[store.Arm]store.Measure{}
		for _, m := range rows {
			if byCampaign[m.Campaign] == nil {
				byCampaign[m.Campaign] = map[store.Arm]store.Measure{}
			}
			byCampaign[m.Campaign][m.Arm] = m
		}
		for campaign, arms := range byCampaign {
			told.Effects = append(told.Effects, wireEffect(campaign, arms))
		}
		slices.SortFunc(told.Effects, func(a, b wire.Effect) int { return cmp.Compare(a.Campaign, b.Campaign) })
		return told, nil
	})
}

func wireEffect(campaign string, arms map[store.Arm]store.Measure) wire.Effect {
	all, answered, heldOut := arms[""], arms[store.Answered], arms[store.HeldOut]
	told := wire.Effect{Campaign: campaign, Seen: all.Seen, Clicked: all.Clicked, Dismissed: all.Dismissed,
		Taken: all.Taken}
	if answered.Eligible+heldOut.Eligible == 0 {
		return told
	}
	accepted := func(m store.Measure) effect.Arm { return effect.Arm{Devices: m.Closed, Outcomes: m.Accepted} }
	redeemed := func(m store.Measure) effect.Arm { return effect.Arm{Devices: m.Closed, Outcomes: m.Redeemed} }
	told.Trial = &wire.Trial{Answered: wireArm(answered), HeldOut: wireArm(heldOut),
		Accepted: difference(accepted(answered), accepted(heldOut)),
		Redeemed: difference(redeemed(answered), redeemed(heldOut))}
	return told
}

func wireArm(m store.Measure) wire.Arm {
	return wire.Arm{Eligible: m.Eligible, Open: m.Eligible - m.Closed, Accepted: m.Accepted, Redeemed: m.Redeemed,
		Erased: m.Erased}
}

func difference(answered, heldOut effect.Arm) wire.Difference {
	d := effect.Compare(answered, heldOut)
	told := wire.Difference{Estimate: d.Estimate, Low: d.Low, High: d.High, Says: wire.SaysNothing}
	switch {
	case !d.Enough:
		told.Says = wire.SaysTooLittle
	case d.Raises():
		told.Says = wire.SaysMore
	case d.Lowers():
		told.Says = wire.SaysFewer
	}
	return told
}
