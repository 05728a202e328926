package keystore

import (
	"github.com/offlane/offlane/transport/backend/store"
)

func (t transaction) Agreement(id string) (*store.Agreement, error) {
	return get[store.Agreement](t.kv, tableAgreements, []byte(id))
}

func (t transaction) Agreements(merchant string) ([]store.Agreement, error) {
	return list(t.kv, tableAgreements, func(a *store.Agreement) bool {
		return merchant == "" || a.Owner == merchant || a.Partner == merchant
	})
}

func (t transaction) PutAgreement(a store.Agreement) error {
	return put(t.kv, tableAgreements, []byte(a.ID), a)
}

func (t transaction) DropAgreement(id string) error { return t.kv.Delete(tableAgreements, []byte(id)) }
