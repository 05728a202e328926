package backend

import (
	"cmp"

	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// settingShop is the setting under which it is kept how customers see a merchant.
const settingShop = "shop 1 "

func (s *Server) getShop(c *call) (any, error) {
	return view(c.Context(), s, func(tx store.Tx) (wire.Shop, error) {
		shop, err := setting[wire.Shop](tx, settingShop+c.merchant)
		shop.Merchant = c.merchant
		return shop, err
	})
}

func (s *Server) putShop(c *call) (any, error) {
	body, err := bodyOf[wire.Shop](c, smallBody)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(asksFor("merchant", body.Merchant, c.merchant), body.Check()); err != nil {
		return nil, err
	}
	body.Merchant = c.merchant
	return body, s.store.Update(c.Context(), func(tx store.Tx) error {
		if err := countChange(tx); err != nil {
			return err
		}
		if _, err := setting[wire.Shop](tx, settingShop+c.merchant); err != nil {
			return err
		}
		return putSetting(tx, settingShop+c.merchant, body)
	})
}

// shopOf is how customers see a merchant.
func shopOf(tx store.Tx, merchant string) (wire.Shop, error) {
	shop, err := setting[wire.Shop](tx, settingShop+merchant)
	return wire.Shop{Merchant: merchant, Name: cmp.Or(shop.Name, merchant), Color: shop.Color}, err
}

// readShops is how customers see all merchants.
func (s *Server) readShops(tx store.Tx) (map[string]wire.Shop, error) {
	all := map[string]wire.Shop{}
	for _, m := range s.cfg.Merchants {
		shop, err := shopOf(tx, m.Name)
		if err != nil {
			return nil, err
		}
		all[m.Name] = shop
	}
	return all, nil
}

// shop is how customers see a merchant, as it was when the newest catalogue was made.
func (c *catalogues) shop(merchant string) wire.Shop {
	if newest := c.newest.Load(); newest != nil {
		if shop, ok := newest.shops[merchant]; ok {
			return shop
		}
	}
	return wire.Shop{Merchant: merchant, Name: merchant}
}
