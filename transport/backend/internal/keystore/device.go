package keystore

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func (t transaction) Device(hash store.Hash) (*store.Device, error) {
	return get[store.Device](t.kv, tableDevices, hash[:])
}

func (t transaction) PutDevice(d store.Device) error { return put(t.kv, tableDevices, d.Hash[:], d) }

// heldKey orders a device's offers from the newest to the oldest.
func heldKey(device store.Hash, number int, id offer.ID) []byte {
	key := binary.BigEndian.AppendUint64(bytes.Clone(device[:]), ^uint64(max(number, 0)))
	return append(key, id[:]...)
}

// heldKeys returns the keys of a device's offers with a number below one, the newest first, at most so many; 0: all.
func (t transaction) heldKeys(device store.Hash, below, most int) (keys [][]byte, err error) {
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

func (t transaction) DeviceOffers(device store.Hash, below, most int) ([]store.Offer, error) {
	keys, err := t.heldKeys(device, below, most)
	ids := make([]offer.ID, len(keys))
	for i, key := range keys {
		ids[i] = idOfHeld(key)
	}
	if err != nil {
		return nil, err
	}
	return t.Offers(ids, nil)
}

func (t transaction) ForgetDevice(device store.Hash) error {
	keys, err := t.heldKeys(device, 0, 0)
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

func (t transaction) removeDevice(device store.Hash) error {
	if err := t.dropAllAnswers(device); err != nil {
		return err
	}
	return t.kv.Delete(tableDevices, device[:])
}

// unlink takes the device from an offer that is there.
func (t transaction) unlink(id offer.ID, device store.Hash) error {
	ref, raw, err := t.offerRow(id)
	if err != nil || raw == nil {
		return err
	}
	return t.putOfferRow(id, ref, rowcode.Unlink(id, raw, device))
}
