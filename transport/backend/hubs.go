package backend

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// settingHubs says that a terminal of the merchant was allowed to host a hub once: without it no bundle is looked for
// lanes.
const settingHubs = "hubs 1 "

// putHubRole says what a terminal is to the hub of its store. Bundles tell it to the store's lanes.
func (s *Server) putHubRole(c *call) (any, error) {
	to, err := bodyOf[wire.NewHubRole](c, smallBody)
	if err != nil {
		return nil, err
	}
	defer s.changes.Add(1)
	return s.changeTerminal(c, func(tx store.Tx, t *store.Terminal) error {
		t.MayHost, t.OutOfService = to.MayHost, to.OutOfService
		if !to.MayHost {
			return nil
		}
		if has, err := setting[bool](tx, settingHubs+t.Place.Merchant); err != nil || has {
			return err
		}
		return putSetting(tx, settingHubs+t.Place.Merchant, true)
	})
}

// findLanes reads the lanes of the merchant's stores in which a terminal may host a hub.
func (s *Server) findLanes(tx store.Tx, merchant string) ([]trust.Lane, error) {
	if has, err := setting[bool](tx, settingHubs+merchant); err != nil || !has {
		return nil, err
	}
	terminals, err := tx.Terminals(merchant)
	if err != nil {
		return nil, err
	}
	listed := lanesOf(terminals)
	if len(listed) > trust.MaxLanes {
		s.log.Warn("a bundle leaves lanes out: too many stores have a hub", "merchant", merchant, "lanes", len(listed))
		listed = listed[:trust.MaxLanes]
	}
	return listed, nil
}

// lanesOf are the terminals that work in stores of which one may host.
func lanesOf(terminals []store.Terminal) (listed []trust.Lane) {
	works := func(t *store.Terminal) bool { return t.Blocked == 0 && t.Place.Store != "" && t.Place.Lane != "" }
	hosts := map[string]bool{}
	for i := range terminals {
		if t := &terminals[i]; works(t) && t.MayHost {
			hosts[t.Place.Store] = true
		}
	}
	for i := range terminals {
		if t := &terminals[i]; works(t) && hosts[t.Place.Store] {
			listed = append(listed, trust.Lane{Terminal: t.ID, Store: t.Place.Store, Name: t.Place.Lane, Key: t.Key,
				MayHost: t.MayHost, OutOfService: t.OutOfService})
		}
	}
	slices.SortFunc(listed, func(a, b trust.Lane) int {
		return cmp.Or(strings.Compare(a.Store, b.Store), bytes.Compare(a.Terminal[:], b.Terminal[:]))
	})
	return listed
}
