package redeem

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A Mark is how far a terminal's journal had come, at least.
type Mark struct {
	// Terminal is whose journal it is.
	Terminal record.TerminalID `json:"terminal"`
	// Opened counts how often the terminal was opened with a mark.
	Opened uint64 `json:"opened"`
	// Number is the chain number of the last record that was on disk.
	Number uint64 `json:"number"`
}

// A MarkStore keeps a terminal's Mark where a copy, a restore or a deletion of the terminal's folder does not reach: in
// a file elsewhere (MarkFile), in the registry, in a trusted module's memory. A terminal whose journal is behind its
// mark may have forgotten records, and asks (fault.MayHaveForgotten). The mark follows the journal and never leads it:
// it is stored when the terminal opens and closes, after each exchange with the backend, and in between every 64
// records. So up to 63 records that were made since, and not reported, are forgotten unseen where the terminal was
// killed.
//
// Its methods are called by one goroutine at a time.
type MarkStore interface {
	// Load returns what was stored last, and the zero Mark where nothing was. An error has the terminal ask, until
	// somebody ends that.
	Load(ctx context.Context) (Mark, error)
	// Store keeps a mark durably. An error is logged, and the next mark is stored in its place.
	Store(ctx context.Context, m Mark) error
}

// MarkFile keeps the mark in a file, which must lie outside the terminal's folder and outside what is copied or
// restored together with it. The folders above it are made.
func MarkFile(name string) MarkStore { return markFile(name) }

type markFile string

const markVersion = 1

// A storedMark is the file's content.
type storedMark struct {
	Version int `json:"version"`
	Mark
}

func (f markFile) Load(ctx context.Context) (Mark, error) {
	raw, err := readFile(vfs.FromContext(ctx), string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return Mark{}, nil
	}
	var stored storedMark
	if err == nil {
		err = json.Unmarshal(raw, &stored)
	}
	if err == nil && stored.Version != markVersion {
		err = fault.New(fault.UnsupportedVersion, "", "the mark is of version %d, this program knows %d", stored.Version,
			markVersion)
	}
	return stored.Mark, err
}

func (f markFile) Store(ctx context.Context, m Mark) error {
	raw, err := json.Marshal(storedMark{markVersion, m})
	if err != nil {
		return err
	}
	fsys := vfs.FromContext(ctx)
	if err := fsys.MakeDir(filepath.Dir(string(f))); err != nil {
		return err
	}
	return writeFile(fsys, string(f), append(raw, '\n'))
}

// checkMark refuses a mark that goes with the folder which it is to be compared with.
func checkMark(store MarkStore, dir string) error {
	file, ok := store.(markFile)
	if !ok {
		return nil
	}
	folder, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	name, err := filepath.Abs(string(file))
	if err == nil && strings.HasPrefix(name, folder+string(filepath.Separator)) {
		return fault.New(fault.InvalidRequest, "redeem.Open", "the mark %s lies in the terminal's folder: keep it elsewhere",
			file)
	}
	return nil
}

// markStep is how many records the journal may be ahead of the mark.
const markStep = 64

// A marker has the mark follow the journal, in a goroutine of its own, which start begins and end ends.
type marker struct {
	store   MarkStore
	journal *journal.Log
	log     *slog.Logger
	done    <-chan struct{} // closed when the terminal is about to close
	mark    Mark            // the goroutine's, and that of Open and Close before and after it
	stored  atomic.Uint64
	nudge   chan struct{}
	stopped chan struct{}
}

// loadMark compares the mark with the journal, and counts this opening. It returns a marker, or nil where there is no
// store.
func (o *opening) loadMark(
	ctx context.Context, store MarkStore, terminal record.TerminalID, log *journal.Log, logger *slog.Logger,
) *marker {
	if store == nil {
		return nil
	}
	last, opened := log.Flushed(), slot.Number(log, slot.Opened)
	mark, err := store.Load(ctx)
	ours := err == nil && mark.Terminal == terminal
	switch {
	case err != nil:
		logger.ErrorContext(ctx, "the mark cannot be read", errAttr(err))
		o.signs = append(o.signs, lapse{cause: record.CauseMark, above: last, unknown: true})
	case !ours && !mark.Terminal.IsZero():
		o.signs = append(o.signs, lapse{cause: record.CauseMark, above: last, unknown: true})
	case ours && (mark.Number > last || mark.Opened > opened):
		o.signs = append(o.signs, lapse{cause: record.CauseMark, above: last, through: mark.Number})
	}
	if ours {
		opened = max(opened, mark.Opened)
		o.bounded = &mark.Number
	}
	o.notes = append(o.notes, slot.NumberNote(slot.Opened, opened+1))
	return &marker{store: store, journal: log, log: logger, mark: Mark{Terminal: terminal, Opened: opened + 1},
		nudge: make(chan struct{}, 1), stopped: make(chan struct{})}
}

// start stores the first mark of this opening, of which the journal knows by now, and has it followed until done is
// closed.
func (m *marker) start(ctx context.Context, done <-chan struct{}) {
	if m == nil {
		return
	}
	m.done = done
	m.save(ctx)
	go func() {
		defer close(m.stopped)
		for {
			select {
			case <-m.done:
				return
			case <-m.nudge:
				m.save(ctx)
			}
		}
	}()
}

// save stores how far the journal is on the medium now.
func (m *marker) save(ctx context.Context) {
	mark := m.mark
	mark.Number = m.journal.Flushed()
	if err := m.store.Store(ctx, mark); err != nil {
		m.log.ErrorContext(ctx, "the mark cannot be stored: it is tried again with the next one", errAttr(err))
		return
	}
	m.mark = mark
	m.stored.Store(mark.Number)
}

// follow has the mark stored where the journal is ahead of it by so many records.
func (m *marker) follow(records uint64) {
	if m == nil || m.journal.Flushed() < m.stored.Load()+records {
		return
	}
	select {
	case m.nudge <- struct{}{}:
	default:
	}
}

// end waits for the goroutine and stores where the journal ended.
func (m *marker) end(ctx context.Context) {
	if m == nil {
		return
	}
	<-m.stopped
	m.save(ctx)
}
