package store

import "github.com/offlane/offlane/transport/wire"

// An AgreementTx is the part of a Tx that is about agreements between merchants.
type AgreementTx interface {
	// Agreement returns an agreement and locks it. Agreements lists by id those of which a merchant is one of the two; ""
	// lists all.
	Agreement(id string) (*wire.Agreement, error)
	Agreements(merchant string) ([]wire.Agreement, error)
	PutAgreement(wire.Agreement) error
	DropAgreement(id string) error
}

func (t keyTx) Agreement(id string) (*wire.Agreement, error) {
	return get[wire.Agreement](t.kv, tableAgreements, []byte(id))
}

func (t keyTx) Agreements(merchant string) ([]wire.Agreement, error) {
	return list(t.kv, tableAgreements, func(a *wire.Agreement) bool { return merchant == "" || a.IsOf(merchant) })
}

func (t keyTx) PutAgreement(a wire.Agreement) error {
	return put(t.kv, tableAgreements, []byte(a.ID), a)
}

func (t keyTx) DropAgreement(id string) error { return t.kv.Delete(tableAgreements, []byte(id)) }
