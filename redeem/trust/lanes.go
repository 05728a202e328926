package trust

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
)

// A Lane is a terminal as the hub of its store knows it. A bundle has those of stores in which a terminal may host a
// hub, without the terminals that are blocked.
type Lane struct {
	// Terminal is its id, which is not zero.
	Terminal [16]byte
	// Store is where it stands, and Name its place there; each 1 to offer.MaxName bytes.
	Store, Name string
	// Key is its public key, with which the hub and other lanes know it.
	Key ed25519.PublicKey
	// MayHost says that it may be the store's hub.
	MayHost bool
	// OutOfService says that the merchant vouches that it holds nothing: the hub does not wait for what it may tell.
	OutOfService bool
}

// MaxLanes is how many lanes a bundle has at most.
const MaxLanes = 1 << 15

type wireLane struct {
	Terminal     []byte `cbor:"1,keyasint"`
	Store        string `cbor:"2,keyasint"`
	Name         string `cbor:"3,keyasint"`
	Key          []byte `cbor:"4,keyasint"`
	MayHost      bool   `cbor:"5,keyasint,omitempty"`
	OutOfService bool   `cbor:"6,keyasint,omitempty"`
}

func toWireLane(l Lane) wireLane {
	return wireLane{l.Terminal[:], l.Store, l.Name, l.Key, l.MayHost, l.OutOfService}
}

// lane leaves the id zero where it has another length, which is refused.
func (w wireLane) lane() Lane {
	l := Lane{Store: w.Store, Name: w.Name, Key: w.Key, MayHost: w.MayHost, OutOfService: w.OutOfService}
	if len(w.Terminal) == len(l.Terminal) {
		copy(l.Terminal[:], w.Terminal)
	}
	return l
}

// compareLanes is the order of lanes in a bundle: by stores and ids.
func compareLanes(a, b Lane) int {
	return cmp.Or(cmp.Compare(a.Store, b.Store), bytes.Compare(a.Terminal[:], b.Terminal[:]))
}

// sortedLanes returns a copy in the order of stores and ids.
func sortedLanes(lanes []Lane) []Lane {
	sorted := slices.Clone(lanes)
	slices.SortStableFunc(sorted, compareLanes)
	return sorted
}

func checkLanes(lanes []Lane) error {
	if len(lanes) > MaxLanes {
		return fmt.Errorf("it has %d lanes, at most %d are allowed", len(lanes), MaxLanes)
	}
	for i := range lanes {
		if err := lanes[i].check(); err != nil {
			return fmt.Errorf("lane %d: %w", i, err)
		}
		if i > 0 && compareLanes(lanes[i-1], lanes[i]) >= 0 {
			return fmt.Errorf("lane %x stands twice or out of order", lanes[i].Terminal)
		}
	}
	return nil
}

func (l *Lane) check() error {
	switch {
	case l.Terminal == [16]byte{}:
		return errors.New("its terminal's id is zero, or has another length than 16 bytes")
	case len(l.Key) != ed25519.PublicKeySize:
		return fmt.Errorf("its key has %d bytes, not %d", len(l.Key), ed25519.PublicKeySize)
	}
	return cmp.Or(checkName("store", l.Store, 1, offer.MaxName), checkName("lane", l.Name, 1, offer.MaxName))
}

// LanesOf returns the lanes of a store, in the order of their ids. They must not be changed.
func (b *Bundle) LanesOf(store string) []Lane {
	byStore := func(l Lane, store string) int { return cmp.Compare(l.Store, store) }
	from, _ := slices.BinarySearchFunc(b.Lanes, store, byStore)
	until := from
	for until < len(b.Lanes) && b.Lanes[until].Store == store {
		until++
	}
	return b.Lanes[from:until:until]
}
