package backend

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/export"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// settingExports is the setting under which a merchant's exports are listed. Whoever makes one holds its lock.
const settingExports = "exports 1 "

// An exported is a row of that list.
type exported struct {
	Number int          `json:"number"`
	Lines  int          `json:"lines"`
	Batch  export.Batch `json:"batch"`
}

// mostExports is how many exports are listed, mostLines how many lines are made at once, in one transaction.
const mostExports, mostLines = 1000, 1000

// keepClick keeps the click that an acceptance carried, for a device whose lock is held. With Global Privacy Control it
// is kept nowhere.
func (s *Server) keepClick(tx store.Tx, row *store.Device, o *store.Offer, c *store.Campaign, click *wire.Click,
	signal bool, now int64) error {
	if click == nil || signal {
		return nil
	}
	kept := store.Answer{Device: row.Hash, Name: answer.ClickOf(publicName(o.ID)), Campaign: c.ID,
		Click: &store.Click{Merchant: c.Merchant, Offer: o.ID, Platform: click.Platform, ID: click.ID, Agreed: now,
			Text: click.Text}}
	s.kept.Schedule(&kept)
	return tx.PutAnswers([]store.Answer{kept})
}

// endExport forgets the clicks of a device of which nothing was told yet, and has nothing more told of the others.
func (s *Server) endExport(tx store.Tx, device store.Hash, now int64) error {
	rows, err := tx.Answers(device)
	if err != nil {
		return err
	}
	var gone []string
	var kept []store.Answer
	for _, a := range rows {
		switch {
		case a.Click == nil || a.Click.Withdrawn != 0:
		case len(a.Click.Sent) == 0:
			gone = append(gone, a.Name)
		default:
			a.Click.Withdrawn = now
			kept = append(kept, a)
		}
	}
	if err := tx.DropAnswers(device, gone); err != nil {
		return err
	}
	return tx.PutAnswers(kept)
}

// A planned is a click of which something is to be told.
type planned struct {
	device store.Hash
	name   string
}

// planExports looks for clicks of which something is to be told, without locking anything.
func (s *Server) planExports(ctx context.Context, merchant, platform string, now int64) ([]planned, error) {
	return view(ctx, s, func(tx store.Tx) (all []planned, err error) {
		rows, err := tx.ClickAnswers(merchant)
		if err != nil {
			return nil, err
		}
		uses, err := usesOf(tx, rows)
		for i := range rows {
			c := rows[i].Click
			if c.Platform == platform && len(export.Plan(c, uses[c.Offer], now)) > 0 {
				all = append(all, planned{rows[i].Device, rows[i].Name})
			}
		}
		slices.SortStableFunc(all, func(a, b planned) int { return bytes.Compare(a.device[:], b.device[:]) })
		return all, err
	})
}

// usesOf are the uses of the offers to which clicks led.
func usesOf(tx store.Tx, clicks []store.Answer) (map[offer.ID][]store.Use, error) {
	var ids []offer.ID
	for i := range clicks {
		ids = append(ids, clicks[i].Click.Offer)
	}
	offers, err := tx.Offers(ids, nil)
	uses := map[offer.ID][]store.Use{}
	for i := range offers {
		uses[offers[i].ID] = offers[i].Uses
	}
	return uses, err
}

// postExport makes the exports that are due of a platform.
func (s *Server) postExport(c *call) (any, error) {
	body, err := bodyOf[wire.NewExport](c, smallBody)
	if err != nil {
		return nil, err
	}
	if err := body.Check(); err != nil {
		return nil, err
	}
	now := s.now().UnixMilli()
	all, err := s.planExports(c.Context(), c.merchant, body.Platform, now)
	if err != nil {
		return nil, err
	}
	some := all[:min(len(all), mostLines)]
	c.status = http.StatusCreated
	return update(c.Context(), s, func(tx store.Tx) (wire.Exports, error) {
		told := wire.Exports{Exports: []wire.Export{}, More: len(all) > len(some)}
		list, err := setting[[]exported](tx, settingExports+c.merchant)
		if err != nil {
			return told, err
		}
		batch := export.Batch{Platform: body.Platform, Destination: body.Destination, Value: body.Value,
			Currency: body.Currency, Made: now}
		made, err := s.makeExports(tx, some, batch, list)
		if err != nil || len(made) == 0 {
			return told, err
		}
		told.Exports = listOf(made, wireExport)
		list = append(list, made...)
		oldest := now - s.kept.Exported
		list = slices.DeleteFunc(list, func(e exported) bool { return e.Batch.Made < oldest })
		return told, putSetting(tx, settingExports+c.merchant, list[max(0, len(list)-mostExports):])
	})
}

// makeExports notes with the clicks what is told of them, and returns the exports, which follow those of a list.
func (s *Server) makeExports(tx store.Tx, plan []planned, batch export.Batch, list []exported) ([]exported, error) {
	next := 1
	if len(list) > 0 {
		next = list[len(list)-1].Number + 1
	}
	rows, err := lockClicks(tx, plan)
	if err != nil {
		return nil, err
	}
	uses, err := usesOf(tx, rows) // as they are under the locks
	if err != nil {
		return nil, err
	}
	numbers, lines := map[export.Kind]int{}, map[export.Kind]int{}
	for i := range rows {
		click := rows[i].Click
		due := export.Plan(click, uses[click.Offer], batch.Made)
		for _, kind := range []export.Kind{export.Current, export.Late, export.Retractions} {
			for _, sent := range due[kind] {
				if numbers[kind] == 0 {
					numbers[kind], next = next, next+1
				}
				sent.Export = numbers[kind]
				click.Sent = append(click.Sent, sent)
				lines[kind]++
			}
		}
	}
	if err := tx.PutAnswers(rows); err != nil {
		return nil, err
	}
	var made []exported
	for kind, number := range numbers {
		one := batch
		one.Kind = kind
		made = append(made, exported{number, lines[kind], one})
	}
	slices.SortFunc(made, func(a, b exported) int { return cmp.Compare(a.Number, b.Number) })
	return made, nil
}

// lockClicks returns the rows of the clicks that were not taken back meanwhile, under their devices' locks.
func lockClicks(tx store.Tx, plan []planned) (rows []store.Answer, err error) {
	for _, p := range plan {
		row, err := lockClick(tx, p)
		if err != nil {
			return nil, err
		}
		if row != nil {
			rows = append(rows, *row)
		}
	}
	return rows, nil
}

// lockClick returns a click's row under its device's lock; nil: it is gone.
func lockClick(tx store.Tx, p planned) (*store.Answer, error) {
	device, err := tx.Device(p.device)
	if err != nil || device == nil {
		return nil, err
	}
	rows, err := tx.Answers(p.device)
	i := slices.IndexFunc(rows, func(a store.Answer) bool { return a.Name == p.name })
	if err != nil || i < 0 {
		return nil, err
	}
	return &rows[i], nil
}

func wireExport(e exported) wire.Export {
	b := e.Batch
	return wire.Export{ID: strconv.Itoa(e.Number), Platform: b.Platform, Kind: string(b.Kind), Made: b.Made,
		Lines: e.Lines, Destination: b.Destination, Value: b.Value, Currency: b.Currency}
}

func (s *Server) getExports(c *call) (any, error) {
	list, err := view(c.Context(), s, func(tx store.Tx) ([]exported, error) {
		return setting[[]exported](tx, settingExports+c.merchant)
	})
	slices.Reverse(list)
	return wire.Exports{Exports: listOf(list, wireExport)}, err
}

// getExport hands the lines of an export out, those alone that the customers' consent covers now.
func (s *Server) getExport(c *call) (any, error) {
	var batch export.Batch
	lines, err := view(c.Context(), s, func(tx store.Tx) ([]export.Line, error) {
		list, err := setting[[]exported](tx, settingExports+c.merchant)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(e exported) bool { return strconv.Itoa(e.Number) == c.PathValue("id") })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "", "there is no such export, or it was kept long enough")
		}
		batch = list[i].Batch
		return linesOf(tx, c.merchant, list[i].Number)
	})
	if err != nil {
		return nil, err
	}
	if c.wantsCSV() {
		return c.csv(batch.Rows(lines))
	}
	text, err := batch.JSONLines(lines)
	return file{"application/x-ndjson", text}, err
}

func linesOf(tx store.Tx, merchant string, number int) (lines []export.Line, err error) {
	rows, err := tx.ClickAnswers(merchant)
	for i := range rows {
		click := rows[i].Click
		for _, sent := range click.Sent {
			if sent.Export == number && click.Withdrawn == 0 {
				lines = append(lines, export.Line{Click: click, Sent: sent})
			}
		}
	}
	return lines, err
}
