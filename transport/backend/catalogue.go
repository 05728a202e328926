package backend

import (
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/singleflight"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// settingAnswers counts changes of what answers are chosen from: campaigns, agreements, origins. Whoever changes one
// counts in the same transaction, so that an agreement which ended is heeded by the next visit, in every process.
const settingAnswers = "answers 1"

func countChange(tx store.Tx) error {
	n, err := setting[uint64](tx, settingAnswers)
	if err != nil {
		return err
	}
	return putSetting(tx, settingAnswers, n+1)
}

// catalogues keep the newest catalogue, which is made anew when the count is another.
type catalogues struct {
	newest atomic.Pointer[countedCatalogue]
	making singleflight.Group
	usedUp usedUp
}

// A countedCatalogue is a catalogue with the count at which the store was read.
type countedCatalogue struct {
	*answer.Catalogue
	count uint64
	shops map[string]wire.Shop
}

// at returns the catalogue if it is of this count, else nil.
func (c *catalogues) at(count uint64) *countedCatalogue {
	if newest := c.newest.Load(); newest != nil && newest.count == count {
		return newest
	}
	return nil
}

// makeCatalogue makes the catalogue anew, once for all who wait for it.
func (s *Server) makeCatalogue(ctx context.Context) error {
	making := s.catalogues.making.DoChan("", func() (made any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fault.New(fault.Internal, "", "a panic: %v", p)
			}
		}()
		ctx, cancel := context.WithTimeout(s.work, gatherTime)
		defer cancel()
		made, err = view(ctx, s, s.readCatalogue)
		if err == nil {
			s.catalogues.newest.Store(made.(*countedCatalogue))
		}
		return made, err
	})
	select {
	case done := <-making:
		return done.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withCatalogue reads the store beside the catalogue that is of the same state, which it returns.
func (s *Server) withCatalogue(ctx context.Context, read func(store.Tx, *answer.Catalogue) error) (
	*answer.Catalogue, error,
) {
	for {
		in, err := view(ctx, s, func(tx store.Tx) (*countedCatalogue, error) {
			count, err := setting[uint64](tx, settingAnswers)
			if err != nil {
				return nil, err
			}
			in := s.catalogues.at(count)
			if in == nil {
				return nil, errChanged
			}
			return in, read(tx, in.Catalogue)
		})
		if err == nil {
			return in.Catalogue, nil
		}
		if !errors.Is(err, errChanged) {
			return nil, err
		}
		if err := s.makeCatalogue(ctx); err != nil {
			return nil, err
		}
	}
}

// errChanged says that the catalogue has to be made anew.
var errChanged = errors.New("backend: what answers are chosen from has changed")

func (s *Server) readCatalogue(tx store.Tx) (*countedCatalogue, error) {
	count, err := setting[uint64](tx, settingAnswers)
	if err != nil {
		return nil, err
	}
	campaigns, err := tx.Campaigns()
	if err != nil {
		return nil, err
	}
	agreements, err := tx.Agreements("")
	if err != nil {
		return nil, err
	}
	origins, err := s.readOrigins(tx)
	if err != nil {
		return nil, err
	}
	shops, err := s.readShops(tx)
	in := answer.NewCatalogue(campaigns, agreements, origins, s.now().UnixMilli())
	return &countedCatalogue{in, count, shops}, err
}
