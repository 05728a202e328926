package backend

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// keepConfigured has the store know the management keys of the Config, so that they are listed and can be blocked.
func (s *Server) keepConfigured(ctx context.Context) error {
	for _, m := range s.cfg.Merchants {
		if m.Key == "" {
			continue
		}
		err := s.store.Update(ctx, func(tx store.Tx) error { return s.keepKey(tx, m) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) keepKey(tx store.Tx, m Merchant) error {
	hash := store.HashOf(m.Key)
	k, err := tx.ManagementKey(hash)
	switch {
	case err != nil:
		return err
	case k == nil:
		k = &store.ManagementKey{Hash: hash, Name: "configuration", Configured: true, Made: s.now().UnixMilli()}
	case k.Merchant == m.Name:
		return nil
	case !k.Configured || s.isConfigured(k):
		return fault.Invalid("merchant %q: its management key is merchant %q's: give it one of its own", m.Name, k.Merchant)
	}
	k.Merchant = m.Name
	return tx.PutManagementKey(*k)
}

// isConfigured reports whether the key stands in the Config, for the same merchant.
func (s *Server) isConfigured(k *store.ManagementKey) bool {
	return slices.ContainsFunc(s.cfg.Merchants, func(m Merchant) bool {
		return m.Name == k.Merchant && m.Key != "" && store.HashOf(m.Key) == k.Hash
	})
}

// allowsKey reports whether a key lets its merchant in.
func (s *Server) allowsKey(k *store.ManagementKey) bool {
	served := slices.ContainsFunc(s.cfg.Merchants, func(m Merchant) bool { return m.Name == k.Merchant })
	return k.Blocked == 0 && served && (!k.Configured || s.isConfigured(k))
}

// authMerchant lets a request through that bears a management key. It is looked up by its hash, so that the time tells
// nothing of it. What the server never made, and was not started with, is refused without the store.
func (s *Server) authMerchant(next handler) handler {
	return s.limitRefusals(kindMerchant, func(c *call) (any, error) {
		key, err := c.bearer()
		if err != nil {
			return nil, err
		}
		var known *store.ManagementKey
		if hash := store.HashOf(key); s.secrets.verify(ofMerchant, key) || s.isInConfig(hash) {
			known, err = view(c.Context(), s, func(tx store.Tx) (*store.ManagementKey, error) { return tx.ManagementKey(hash) })
		}
		switch {
		case err != nil:
			return nil, err
		case known == nil || !s.allowsKey(known):
			return nil, errNoKey()
		}
		c.merchant, c.key = known.Merchant, known.Hash
		s.guard.markGood(keyAt(key, s.guard.origin(c.Request)))
		return next(c)
	})
}

func errNoKey() error {
	return fault.New(fault.Unauthorized, "", "the management key is not known, or was blocked")
}

// A permission says within a transaction whether it may take place, which does not change until it ends.
type permission func(store.Tx) error

// always is for what the program asks for.
func always(store.Tx) error { return nil }

// byKey is for what outlasts the key that a request bears: one that was blocked since the request began, which may
// take as long as its body, makes no other key and no code.
func (s *Server) byKey(c *call) permission {
	return func(tx store.Tx) error {
		known, err := tx.ManagementKey(c.key)
		if err == nil && (known == nil || !s.allowsKey(known)) {
			err = errNoKey()
		}
		return err
	}
}

// isInConfig reports whether the key with this hash stands in the Config.
func (s *Server) isInConfig(hash store.Hash) bool {
	return slices.ContainsFunc(s.cfg.Merchants, func(m Merchant) bool {
		return m.Key != "" && store.HashOf(m.Key) == hash
	})
}

func wireKey(k store.ManagementKey) wire.ManagementKey {
	return wire.ManagementKey{ID: terminals.SecretID(k.Hash), Name: k.Name, Configured: k.Configured, Made: k.Made,
		Blocked: k.Blocked}
}

func (s *Server) getKeys(c *call) (any, error) {
	return view(c.Context(), s, func(tx store.Tx) (wire.ManagementKeys, error) {
		answer := wire.ManagementKeys{Keys: []wire.ManagementKey{}}
		keys, err := tx.ManagementKeys(c.merchant)
		slices.SortFunc(keys, func(a, b store.ManagementKey) int {
			return cmp.Or(cmp.Compare(a.Made, b.Made), slices.Compare(a.Hash[:], b.Hash[:]))
		})
		for _, k := range keys {
			if !k.Configured || s.isConfigured(&k) {
				answer.Keys = append(answer.Keys, wireKey(k))
			}
		}
		return answer, err
	})
}

func (s *Server) postKey(c *call) (any, error) {
	want, err := bodyOf[wire.NewKey](c, smallBody)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return s.addKey(c.Context(), c.merchant, want, s.byKey(c))
}

// maxKeys is how many keys a merchant may have that are not blocked.
const maxKeys = 100

// AddKey makes a management key for a merchant. The answer alone has its text: the store keeps its hash. Errors:
// fault.InvalidRequest, fault.Conflict where the merchant has very many.
func (s *Server) AddKey(ctx context.Context, merchant string, want wire.NewKey) (made wire.ManagementKey, err error) {
	defer setOp("backend.AddKey", &err)
	return s.addKey(ctx, merchant, want, always)
}

func (s *Server) addKey(ctx context.Context, merchant string, want wire.NewKey, allow permission) (
	made wire.ManagementKey, err error,
) {
	if err := want.Check(); err != nil {
		return wire.ManagementKey{}, err
	}
	text := s.secrets.make(ofMerchant)
	k := store.ManagementKey{Hash: store.HashOf(text), Merchant: merchant, Name: want.Name, Made: s.now().UnixMilli()}
	made = wireKey(k)
	made.Key = text
	return made, s.store.Update(ctx, func(tx store.Tx) error {
		switch n, err := s.usable(tx, merchant); {
		case err != nil:
			return err
		case n >= maxKeys:
			return fault.New(fault.Conflict, "", "merchant %q has %d keys: block some first", merchant, n)
		}
		if err := allow(tx); err != nil {
			return err
		}
		return tx.PutManagementKey(k)
	})
}

// usable counts the merchant's keys that let it in, and keeps their number as it is until the transaction ends.
func (s *Server) usable(tx store.Tx, merchant string) (n int, err error) {
	if err := tx.LockMerchant(merchant, true); err != nil {
		return 0, err
	}
	keys, err := tx.ManagementKeys(merchant)
	for i := range keys {
		if s.allowsKey(&keys[i]) {
			n++
		}
	}
	return n, err
}

// deleteKey blocks a management key, which its short id names.
func (s *Server) deleteKey(c *call) (any, error) {
	blocks := false
	told, err := update(c.Context(), s, func(tx store.Tx) (wire.ManagementKey, error) {
		k, err := s.keyToBlock(tx, c.merchant, c.PathValue("id"))
		if err == nil {
			err = s.byKey(c)(tx)
		}
		if err != nil {
			return wire.ManagementKey{}, err
		}
		if blocks = k.Blocked == 0; blocks {
			k.Blocked = s.now().UnixMilli()
			err = tx.PutManagementKey(*k)
		}
		return wireKey(*k), err
	})
	if err == nil && blocks {
		s.log.WarnContext(c.Context(), "a management key was blocked", "merchant", c.merchant, "key", told.ID)
	}
	return told, err
}

// keyToBlock returns a key of the merchant's and locks it. The last one that lets the merchant in stays: without it
// nobody could manage anything.
func (s *Server) keyToBlock(tx store.Tx, merchant, id string) (*store.ManagementKey, error) {
	usable, err := s.usable(tx, merchant)
	if err != nil {
		return nil, err
	}
	keys, err := tx.ManagementKeys(merchant)
	at := slices.IndexFunc(keys, func(k store.ManagementKey) bool { return terminals.SecretID(k.Hash) == id })
	switch {
	case err != nil:
		return nil, err
	case at < 0:
		return nil, fault.New(fault.NotFound, "", "this merchant has no management key %.64q", id)
	case s.allowsKey(&keys[at]) && usable == 1:
		return nil, fault.New(fault.Conflict, "", "it is the only key that is left: make another one first")
	}
	return tx.ManagementKey(keys[at].Hash)
}
