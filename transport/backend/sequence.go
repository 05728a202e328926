package backend

import (
	"context"
	"encoding/json"
	"math"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/store"
)

// Settings under which the store keeps what bundles are numbered by: the epoch, and for each merchant the last number.
const settingEpoch, settingNumber = "bundle epoch 1", "bundle number 1 "

// An epoch is how often a restore from a backup was declared.
type epoch struct {
	Epoch uint64 `json:"epoch"`
	// From and Until are the period that was declared last, in milliseconds since 1970.
	From  int64 `json:"from,omitempty"`
	Until int64 `json:"until,omitempty"`
}

// first is the first number of an epoch. Two restores of one backup raise the epoch to the same, and their periods do
// not end at the same moment, so that the second one goes on above the first.
func (e epoch) first() uint64 { return uint64(min(max(e.Until, 1), math.MaxInt64/2)) }

// A number is the last of a merchant's bundles.
type number struct {
	Epoch  uint64 `json:"epoch"`
	Number uint64 `json:"number"`
}

// declareRestore raises the epoch in the store where the Config declares a restore that the store does not know of. It
// comes before the server signs anything.
func (s *Server) declareRestore(ctx context.Context) error {
	if s.cfg.Restored.IsZero() {
		return nil
	}
	from, until := s.cfg.Restored.From.UnixMilli(), s.cfg.Restored.Until.UnixMilli()
	raised, err := update(ctx, s, func(tx store.Tx) (bool, error) {
		e, err := setting[epoch](tx, settingEpoch)
		if err != nil || e.From == from && e.Until == until {
			return false, err
		}
		return true, putSetting(tx, settingEpoch, epoch{e.Epoch + 1, from, until})
	})
	if raised {
		s.log.WarnContext(ctx, "a restore was declared: bundles have a new epoch", "from", s.cfg.Restored.From,
			"until", s.cfg.Restored.Until)
	}
	return err
}

// nextSequence numbers a merchant's next bundle or delta: above every one that the store knows of, and by no clock.
func nextSequence(tx store.Tx, merchant string) (uint64, error) {
	e, err := setting[epoch](tx, settingEpoch)
	if err != nil {
		return 0, err
	}
	n, err := setting[number](tx, settingNumber+merchant)
	if err != nil {
		return 0, err
	}
	if n.Number++; n.Epoch != e.Epoch {
		n = number{e.Epoch, e.first()}
	}
	return trust.SequenceOf(n.Epoch, n.Number), putSetting(tx, settingNumber+merchant, n)
}

// setting reads a setting of JSON; one that is not there is zero.
func setting[T any](tx store.Tx, name string) (value T, err error) {
	raw, err := tx.Setting(name)
	if err != nil || raw == nil {
		return value, err
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, fault.New(fault.Damaged, "", "the setting %q in the store cannot be read: %w", name, err)
	}
	return value, nil
}

func putSetting(tx store.Tx, name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fault.New(fault.Internal, "", "%w", err)
	}
	return tx.PutSetting(name, raw)
}
