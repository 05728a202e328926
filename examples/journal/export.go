package main

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// reportSize and reportBytes are how much a report carries.
const (
	reportSize  = 100
	reportBytes = 256 << 10
)

// export writes reports, signed with the terminal's key, as the body of an upload. They carry what the journal keeps
// beside the records, the passes and the backend's signed answers, for a backend that was restored from a backup.
func export(ctx context.Context, o options, out io.Writer) error {
	who, err := readIdentity(o.dir)
	if err != nil {
		return err
	}
	log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer log.Close()
	runs, count, err := o.runs(log)
	if err != nil {
		return err
	}
	var upload wire.Upload
	for i, records := range runs {
		h := who.heading(log, i == len(runs)-1)
		if len(records) > 0 {
			h.Chain = records[0].Chain
		}
		sealed, err := record.Seal(h, payloads(records), who.key)
		if err != nil {
			return err
		}
		sealed.Passes, sealed.Statements = passes(records), statements(records)
		upload.Reports = append(upload.Reports, wire.FromReport(sealed))
	}
	if err := writeNew(o.out, upload); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d records in %d reports written to %s\n", count, len(runs), o.out)
	return nil
}

// An entry is a record, its bytes, and what is kept beside it.
type entry struct {
	record.Record
	raw    []byte
	pass   string
	signed *answer // shared by the records of one answer; nil: none
}

// runs cuts the records into reports: one chain, consecutive numbers.
func (o options) runs(log *journal.Log) (runs [][]entry, count int, err error) {
	answers, err := o.answers(log)
	if err != nil {
		return nil, 0, err
	}
	var last entry
	room := newRoom()
	for stored, err := range log.History() {
		if err != nil {
			return nil, 0, err
		}
		if !o.wants(stored) {
			continue
		}
		rec, err := record.Decode(stored.Payload)
		if err != nil {
			return nil, 0, fmt.Errorf("record %d: %w", stored.Number, err)
		}
		next := entry{rec, stored.Payload, redeem.PassOf(stored), answers[stored.ID]}
		if !room.take(next) || len(runs) == 0 || rec.Chain != last.Chain || rec.Number != last.Number+1 {
			runs, room = append(runs, nil), newRoom()
			room.take(next)
		}
		last, runs[len(runs)-1] = next, append(runs[len(runs)-1], next)
		count++
	}
	if count == 0 {
		return nil, 0, errors.New("there is nothing to export: everything was reported (give -all for what is still kept)")
	}
	return runs, count, nil
}

// wants reports whether a record is exported.
func (o options) wants(stored journal.Stored) bool {
	return stored.Payload != nil && (stored.State == journal.Pending || o.all)
}

func payloads(records []entry) [][]byte {
	out := make([][]byte, len(records))
	for i, e := range records {
		out[i] = e.raw
	}
	return out
}

// identity is what the terminal keeps about itself beside its journal.
type identity struct {
	Version  int               `json:"version"`
	Terminal record.TerminalID `json:"terminal"`
	Seed     []byte            `json:"seed"`
	key      ed25519.PrivateKey
}

func readIdentity(dir string) (identity, error) {
	var who identity
	name := filepath.Join(dir, "terminal.json")
	raw, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(raw, &who)
	}
	if err != nil {
		return who, fmt.Errorf("reports are signed with the terminal's key, which cannot be read: %w", err)
	}
	if who.Version != 1 || len(who.Seed) != ed25519.SeedSize || who.Terminal.IsZero() {
		return who, fmt.Errorf("%s holds no key that this release can read", name)
	}
	who.key = ed25519.NewKeyFromSeed(who.Seed)
	return who, nil
}

// heading is that of a report which is signed now, on a machine whose clock nobody vouches for. The last one declares
// what was lost.
func (who identity) heading(log *journal.Log, last bool) record.Heading {
	h := record.Heading{Terminal: who.Terminal, Sent: record.Evidence{Wall: time.Now().UnixMilli(), Boot: "export"}}
	if raw, ok := log.Note("cursor"); ok && len(raw) == 8 {
		h.After = binary.BigEndian.Uint64(raw)
	}
	for _, d := range log.Damage() {
		switch {
		case !last || d.FirstNumber == 0 || d.Certainty == journal.Harmless:
		case d.Unknown:
			h.LostFrom = max(h.LostFrom, d.FirstNumber)
		default:
			h.Lost = append(h.Lost, record.Range{First: d.FirstNumber, Last: d.LastNumber})
		}
	}
	return h
}

// writeNew writes a file that did not exist, readable for its owner alone.
func writeNew(name string, body any) (err error) {
	raw, err := json.MarshalIndent(body, "", "\t")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(append(raw, '\n')); err != nil {
		return err
	}
	return f.Sync()
}
