package backend

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// Figures is the answer to a GET of PathFigures.
type Figures struct {
	Figures []Tally `json:"figures"`
}

func (s *Server) campaignsOf(ctx context.Context, merchant string) (mine []Campaign, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		campaigns, err := tx.Campaigns()
		mine = slices.DeleteFunc(campaigns, func(c Campaign) bool { return c.Merchant != merchant })
		return err
	})
	return mine, err
}

func (s *Server) terminals(ctx context.Context, merchant string) (terminals []Terminal, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		terminals, err = tx.Terminals(merchant)
		return err
	})
	slices.SortFunc(terminals, func(a, b Terminal) int {
		return compareKeys([4]string{a.Place.Store, a.Place.Lane, a.ID.String()}, [4]string{b.Place.Store, b.Place.Lane, b.ID.String()})
	})
	return terminals, err
}

// Figures counts what happened in the merchant's campaigns from one day to another, both included; "" is no bound.
func (s *Server) figures(ctx context.Context, merchant, from, to string) (Figures, error) {
	campaigns, err := s.campaignsOf(ctx, merchant)
	if err != nil {
		return Figures{}, err
	}
	names := make([]string, len(campaigns))
	for i, c := range campaigns {
		names[i] = c.ID
	}
	var tallies []Tally
	err = s.store.View(ctx, func(tx Tx) error {
		tallies, err = tx.Tallies(names, from, to)
		return err
	})
	slices.SortFunc(tallies, compareTallies)
	if tallies == nil {
		tallies = []Tally{}
	}
	return Figures{tallies}, err
}

func (s *Server) getFigures(w http.ResponseWriter, r *http.Request, merchant string) error {
	query := r.URL.Query()
	from, to := query.Get("from"), query.Get("to")
	for _, day := range []string{from, to} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return invalid("%.20q is no day: write YYYY-MM-DD", day)
		}
	}
	figures, err := s.figures(r.Context(), merchant, from, to)
	if err != nil {
		return err
	}
	if query.Get("format") == "csv" {
		return writeCSV(w, figures)
	}
	return s.answer(w, http.StatusOK, figures)
}

func writeCSV(w http.ResponseWriter, figures Figures) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="figures.csv"`)
	out := csv.NewWriter(w)
	head := []string{"campaign", "merchant", "store", "day", "accepted", "shown", "redeemed", "voided", "duplicates", "rejected",
		"quarantined", "given", "mean_delay_seconds"}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, t := range figures.Figures {
		row := []string{plainCell(t.Campaign), plainCell(t.Merchant), plainCell(t.Store), t.Day}
		for _, n := range []int64{t.Accepted, t.Shown, t.Redeemed, t.Voided, t.Duplicates, t.Rejected, t.Quarantined, t.Given, t.Delay / max(t.Redeemed, 1)} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plainCell keeps a spreadsheet from taking a name for a formula.
func plainCell(text string) string {
	if text != "" && slices.Contains([]byte("=+-@\t\r"), text[0]) {
		return "'" + text
	}
	return text
}

// compareTallies orders by campaign, day, merchant and store.
func compareTallies(a, b Tally) int { return compareKeys(a.key(), b.key()) }

func (t *Tally) key() [4]string { return [4]string{t.Campaign, t.Day, t.Merchant, t.Store} }

func compareKeys(a, b [4]string) int { return slices.Compare(a[:], b[:]) }

// A Lane is one terminal as its merchant sees it.
type Lane struct {
	Terminal record.TerminalID `json:"terminal"`
	Place    record.Place      `json:"place"`
	Enrolled int64             `json:"enrolled"`
	// LastReport is in milliseconds since 1970; 0: never. Verdicts counts what it was told.
	LastReport int64  `json:"lastReport,omitempty"`
	Verdicts   uint64 `json:"verdicts"`
	// Waiting is how many records its queue still held at LastReport, by its own word; what it has sold since is not known.
	Waiting uint64 `json:"waiting"`
	// Awaited counts records that should have come, Lost those that it declared lost.
	Awaited uint64 `json:"awaited"`
	Lost    uint64 `json:"lost"`
	Forked  bool   `json:"forked,omitempty"`
}

// Lanes is the answer to a GET of PathTerminalList.
type Lanes struct {
	Terminals []Lane `json:"terminals"`
}

func (t *Terminal) lane() Lane {
	lane := Lane{Terminal: t.ID, Place: t.Place, Enrolled: t.Enrolled, LastReport: t.LastReport, Verdicts: t.LastVerdict, Waiting: t.Waiting}
	for _, gap := range t.gaps() {
		lane.Awaited += total(gap.Missing)
		lane.Lost += total(gap.Lost)
		lane.Forked = lane.Forked || gap.Forked
	}
	return lane
}

func total(ranges []record.Range) (n uint64) {
	for _, r := range ranges {
		n += r.Last - r.First + 1
	}
	return n
}

func (s *Server) getTerminals(w http.ResponseWriter, r *http.Request, merchant string) error {
	terminals, err := s.terminals(r.Context(), merchant)
	if err != nil {
		return err
	}
	answer := Lanes{Terminals: []Lane{}}
	for i := range terminals {
		answer.Terminals = append(answer.Terminals, terminals[i].lane())
	}
	return s.answer(w, http.StatusOK, answer)
}
