package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
)

// A report for support: how the terminal stands and what its journal holds, without what would let a reader redeem an
// offer, speak for the terminal or name a person.
type supportReport struct {
	Made   time.Time     `json:"made"`
	Status supportStatus `json:"status"`
	Files  []supportFile `json:"files"`
	// Records are those of the journal, oldest first.
	Records []supportRecord `json:"records"`
	// Verdicts are those that the POS has not acknowledged.
	Verdicts []supportVerdict `json:"verdicts,omitempty"`
}

// A supportStatus names the terminal by the beginning of its id only.
type supportStatus struct {
	redeem.Status
	Terminal string `json:"terminal"`
}

type supportFile struct {
	Name  string    `json:"name"`
	Bytes int64     `json:"bytes"`
	Mode  string    `json:"mode"`
	Time  time.Time `json:"time"`
}

// A supportRecord is a record without its operator and manager, and with the beginnings of its identifiers only.
type supportRecord struct {
	Number    uint64          `json:"number"`
	Kind      string          `json:"kind"`
	Record    string          `json:"record"`
	Of        string          `json:"of,omitempty"`
	Chain     string          `json:"chain"`
	Offer     string          `json:"offer,omitempty"`
	Alias     string          `json:"alias,omitempty"`
	Campaign  string          `json:"campaign,omitempty"`
	Sale      string          `json:"sale,omitempty"`
	Given     record.Money    `json:"given,omitzero"`
	Proven    bool            `json:"proven"`
	Overruled bool            `json:"overruled,omitempty"`
	Time      record.Evidence `json:"time"`
	Voided    bool            `json:"voided,omitempty"`
	Reported  bool            `json:"reported"`
}

type supportVerdict struct {
	Record string        `json:"record"`
	Status record.Status `json:"status"`
	Reason string        `json:"reason,omitempty"`
	Detail string        `json:"detail,omitempty"`
}

// shown is how much of an identifier a reader needs to find it again, in characters.
const shown = 8

func short(text string) string {
	if len(text) <= shown {
		return text
	}
	return text[:shown] + "…"
}

// support writes the report to a file that only its owner can read, or to standard output for "-". It reports nothing
// to the backend and leaves the verdicts where they are.
func support(ctx context.Context, dir, file string, stdout io.Writer) error {
	if _, err := os.Stat(filepath.Join(dir, "terminal.json")); err != nil {
		return errors.Join(errors.New("this folder holds no terminal"), err) // and none is made
	}
	terminal, err := redeem.Open(ctx, dir, redeem.Config{})
	if err != nil {
		return err
	}
	defer terminal.Close()
	report, err := gather(ctx, terminal, dir)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if file == "-" {
		_, err := stdout.Write(text)
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func gather(ctx context.Context, terminal *redeem.Terminal, dir string) (supportReport, error) {
	status := terminal.Status()
	report := supportReport{
		Made: time.Now().UTC(), Status: supportStatus{status, short(status.Terminal.String())}, Records: []supportRecord{},
	}
	var err error
	if report.Files, err = filesOf(dir); err != nil {
		return report, err
	}
	for listed, err := range terminal.Records(ctx, redeem.Query{}) {
		if err != nil {
			return report, err
		}
		report.Records = append(report.Records, redact(listed))
	}
	for verdict, err := range terminal.Verdicts(ctx) {
		if err != nil {
			return report, err
		}
		report.Verdicts = append(report.Verdicts,
			supportVerdict{short(verdict.Record.String()), verdict.Status, string(verdict.Reason), verdict.Detail})
	}
	return report, nil
}

func redact(l redeem.Listed) supportRecord {
	r := l.Record
	out := supportRecord{
		Number: r.Number, Kind: r.Kind.String(), Record: short(r.ID.String()), Chain: short(r.Chain.String()),
		Alias:    short(r.Alias),
		Campaign: r.Campaign, Sale: r.Sale.Key, Given: r.Given, Proven: r.Proven, Overruled: r.Override != nil, Time: r.Time,
		Voided: l.Voided, Reported: l.Reported,
	}
	if !r.Offer.IsZero() {
		out.Offer = r.Offer.String()
	}
	if !r.Of.IsZero() {
		out.Of = short(r.Of.String())
	}
	return out
}

func filesOf(dir string) ([]supportFile, error) {
	entries, err := os.ReadDir(dir)
	var files []supportFile
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // given back meanwhile
		}
		if err != nil {
			return nil, err
		}
		files = append(files, supportFile{info.Name(), info.Size(), info.Mode().String(), info.ModTime().UTC()})
	}
	return files, err
}
