package backend

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// Kept says how long is kept what is known of devices, by purpose. See Tidy.
type Kept struct {
	// Answers is how long it is kept that a device was shown an answer, since it was shown it last; 0: 400 days. Caps
	// count no further back.
	Answers time.Duration
	// Measurement is how long it is kept what a device did with an answer, and that it was in a trial, since that; 0: 400
	// days. After that it may enter the trial again.
	Measurement time.Duration
	// Export is how long the click ids are kept that acceptances carried, with what was told of them; 0: 400 days. What is
	// redeemed or taken back after that is told to no platform.
	Export time.Duration
}

// defaultKept is how long things are kept where Kept does not say.
const defaultKept = 400 * 24 * time.Hour

func (k Kept) millis() answer.Kept {
	return answer.Kept{Shown: cmp.Or(k.Answers, defaultKept).Milliseconds(),
		Measured: cmp.Or(k.Measurement, defaultKept).Milliseconds(),
		Exported: cmp.Or(k.Export, defaultKept).Milliseconds()}
}

// measureAcceptance notes that a device accepted an offer of a campaign: with the answer that the acceptance names, and
// in the trial that the device is in. Errors: fault.Forbidden and fault.Expired for a token that does not count.
func (s *Server) measureAcceptance(tx store.Tx, row *store.Device, sums *posting.Sums, in *answer.Catalogue,
	body *wire.Accept, now int64) error {
	if body.Answer != "" {
		name, err := s.secrets.answerOf(row.Hash, body.Answer, now)
		if err != nil {
			return err
		}
		if of, _ := in.Row(name); of.Offer != body.Campaign {
			return fault.Invalid("answer: it is the token of an answer that does not offer %.64q", body.Campaign)
		}
		if isGiven(row.Measurement) {
			if err := s.happens(tx, row, sums, in, name, answer.Taken, now); err != nil {
				return err
			}
		}
	}
	if !isGiven(row.Measurement) {
		return nil
	}
	rows, err := tx.Answers(row.Hash)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rows, func(a store.Answer) bool { return a.Name == answer.TrialOf(body.Campaign) })
	if i < 0 || !answer.Accept(&rows[i], now) {
		return nil
	}
	return tx.PutAnswers(rows[i : i+1])
}

// endMeasurement adds the outcomes of a device's open trials to the sums, and removes what is kept of it for
// measurement. Nothing that it does later counts.
func (s *Server) endMeasurement(tx store.Tx, row *store.Device, now int64) error {
	rows, err := tx.Answers(row.Hash)
	if err != nil {
		return err
	}
	var sums posting.Sums
	if err := s.closeTrials(tx, row.Hash, rows, &sums, true, now); err != nil {
		return err
	}
	var kept []store.Answer
	var gone []string
	for i := range rows {
		a := &rows[i]
		if a.Trial == nil && a.Seen == 0 && a.Clicked == 0 && a.Taken == 0 {
			continue
		}
		a.Seen, a.Clicked, a.Taken = 0, 0, 0
		if a.Trial != nil || !s.kept.Prune(a, now) {
			gone = append(gone, a.Name)
			continue
		}
		kept = append(kept, *a)
	}
	if err := tx.DropAnswers(row.Hash, gone); err != nil {
		return err
	}
	if err := tx.PutAnswers(kept); err != nil {
		return err
	}
	return tx.Post(sums.Posting())
}

// closeTrials closes the open trials among a device's rows: all of them before their time, or those that are due.
func (s *Server) closeTrials(tx store.Tx, device store.Hash, rows []store.Answer, sums *posting.Sums, early bool,
	now int64) error {
	var offers []store.Offer
	for i := range rows {
		a := &rows[i]
		if a.Trial == nil || a.Trial.Closed != 0 || !early && now < a.Due {
			continue
		}
		if offers == nil {
			var err error
			if offers, err = tx.DeviceOffers(device, 0, maxAccepted); err != nil {
				return err
			}
		}
		sums.Measure(answer.Close(a, offers, early, now))
	}
	return nil
}

// tidyAnswers closes trials that are over, and removes what of devices was kept long enough.
func (s *Server) tidyAnswers(ctx context.Context, done *Tidied) error {
	now := s.now().UnixMilli()
	var counted Tidied
	_, more, err := s.remove(ctx, func(tx store.Tx) (int, error) {
		counted = Tidied{} // the store may ask for it again
		due, err := tx.DueAnswers(now+1, tidyAtOnce)
		if err != nil {
			return 0, err
		}
		var sums posting.Sums
		for _, device := range devicesOf(due) {
			if err := s.tidyDevice(tx, device, &sums, &counted, now); err != nil {
				return 0, err
			}
		}
		return len(due), tx.Post(sums.Posting())
	}, func() { done.Trials, done.Answers = done.Trials+counted.Trials, done.Answers+counted.Answers })
	done.More = done.More || more
	return err
}

// devicesOf are the devices of rows, in the order in which all transactions lock several.
func devicesOf(rows []store.Answer) (all []store.Hash) {
	for i := range rows {
		all = append(all, rows[i].Device)
	}
	slices.SortFunc(all, func(a, b store.Hash) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(all)
}

// tidyDevice looks at those rows of a device that are due.
func (s *Server) tidyDevice(tx store.Tx, device store.Hash, sums *posting.Sums, done *Tidied, now int64) error {
	if _, err := tx.Device(device); err != nil {
		return err
	}
	rows, err := tx.Answers(device)
	if err != nil {
		return err
	}
	isDue := func(a store.Answer) bool { return a.Due != 0 && a.Due <= now }
	rows = slices.DeleteFunc(rows, func(a store.Answer) bool { return !isDue(a) })
	done.Trials += openTrials(rows)
	if err := s.closeTrials(tx, device, rows, sums, false, now); err != nil {
		return err
	}
	var kept []store.Answer
	var gone []string
	for i := range rows {
		a := &rows[i]
		if !s.kept.Prune(a, now) {
			gone = append(gone, a.Name)
			continue
		}
		a.Due = 0
		s.kept.Schedule(a)
		kept = append(kept, *a)
	}
	done.Answers += len(gone)
	if err := tx.DropAnswers(device, gone); err != nil {
		return err
	}
	return tx.PutAnswers(kept)
}

// openTrials counts the trials among rows that are open.
func openTrials(rows []store.Answer) (n int) {
	for i := range rows {
		if t := rows[i].Trial; t != nil && t.Closed == 0 {
			n++
		}
	}
	return n
}
