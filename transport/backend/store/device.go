package store

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/offer"
)

// A Device is a customer's device that accepted offers and was not forgotten. Its secret is good as long as this row is
// there.
type Device struct {
	// Hash is that of its secret.
	Hash Hash `json:"hash"`
	// Personal, Measurement and Export are what the customer agreed to, by purpose.
	Personal    Consent `json:"personal,omitzero"`
	Measurement Consent `json:"measurement,omitzero"`
	Export      Consent `json:"export,omitzero"`
	// GPC is when the device was first seen to send Global Privacy Control, in milliseconds since 1970; 0: it does not.
	GPC int64 `json:"gpc,omitempty"`
	// Origin is of which page it is a device; empty: the backend's own, or an app.
	Origin string `json:"origin,omitempty"`
	// Last is when it accepted an offer last, in milliseconds since 1970, and Accepted how many it accepted.
	Last     int64 `json:"last"`
	Accepted int   `json:"accepted"`
}

// A Consent is what a customer agreed to for one purpose. The zero Consent is none.
type Consent struct {
	// At is when, in milliseconds since 1970. Text names the version of the text that the customer read; empty: not known.
	At   int64  `json:"at"`
	Text string `json:"text,omitempty"`
}

// IsGiven reports whether the customer agreed.
func (c Consent) IsGiven() bool { return c.At != 0 }

// DeviceTx is the part of a Tx that is about devices.
type DeviceTx interface {
	// Device returns a device and locks it.
	Device(Hash) (*Device, error)
	PutDevice(Device) error
	// DeviceOffers returns the offers that were added with this Device and a Number below one, the highest first, at most
	// so many; 0: whatever their Number. It locks nothing. One that is not as it was written has Err set.
	DeviceOffers(device Hash, below, most int) ([]Offer, error)
	// ForgetDevice removes the device with its answers, and the link to it from all of its offers.
	ForgetDevice(Hash) error
}

func (t keyTx) Device(hash Hash) (*Device, error) { return get[Device](t.kv, tableDevices, hash[:]) }

func (t keyTx) PutDevice(d Device) error { return put(t.kv, tableDevices, d.Hash[:], d) }

// heldKey orders a device's offers from the newest to the oldest.
func heldKey(device Hash, number int, id offer.ID) []byte {
	key := binary.BigEndian.AppendUint64(bytes.Clone(device[:]), ^uint64(max(number, 0)))
	return append(key, id[:]...)
}

// heldBy returns the keys of a device's offers with a number below one, the newest first, at most so many; 0: all.
func (t keyTx) heldBy(device Hash, below, most int) (keys [][]byte, err error) {
	from := device[:]
	if below > 0 {
		from = heldKey(device, below-1, offer.ID{})
	}
	err = t.kv.Scan(tableHeld, from, func(key, _ []byte) bool {
		if !bytes.HasPrefix(key, device[:]) || most > 0 && len(keys) == most {
			return false
		}
		keys = append(keys, bytes.Clone(key))
		return true
	})
	return keys, err
}

func idOfHeld(key []byte) offer.ID { return offer.ID(key[len(key)-len(offer.ID{}):]) }

func (t keyTx) DeviceOffers(device Hash, below, most int) ([]Offer, error) {
	keys, err := t.heldBy(device, below, most)
	ids := make([]offer.ID, len(keys))
	for i, key := range keys {
		ids[i] = idOfHeld(key)
	}
	if err != nil {
		return nil, err
	}
	return t.Offers(ids, nil)
}

func (t keyTx) ForgetDevice(device Hash) error {
	keys, err := t.heldBy(device, 0, 0)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := t.unlink(idOfHeld(key), device); err != nil {
			return err
		}
		if err := t.kv.Delete(tableHeld, key); err != nil {
			return err
		}
	}
	return t.removeDevice(device)
}

func (t keyTx) removeDevice(device Hash) error {
	if err := t.dropAllAnswers(device); err != nil {
		return err
	}
	return t.kv.Delete(tableDevices, device[:])
}

// unlink takes the device from an offer that is there.
func (t keyTx) unlink(id offer.ID, device Hash) error {
	ref, raw, err := t.offerRow(id)
	if err != nil || raw == nil {
		return err
	}
	return t.putOfferRow(id, ref, Unlinked(id, raw, device))
}

// Unlinked is an encoded offer without its device, also where it cannot be decoded.
func Unlinked(id offer.ID, raw []byte, device Hash) []byte {
	o, err := DecodeOffer(id, raw)
	if err != nil {
		return bytes.ReplaceAll(raw, device[:], make([]byte, len(device)))
	}
	o.Device, o.Number = Hash{}, 0
	return EncodeOffer(&o)
}
