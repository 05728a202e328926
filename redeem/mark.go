package redeem

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
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
// a file elsewhere (MarkFile), in the registry, in a trusted module's memory. A terminal whose journal is behind its mark
// may have forgotten records, and asks (fault.MayHaveForgotten). The mark follows the journal and never leads it: it is
// stored when the terminal opens and closes, after each exchange with the backend, and in between every 64 records.
// So up to 63 records that were made since, and not reported, are forgotten unseen where the terminal was killed.
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
	raw, err := readFile(vfs.From(ctx), string(f))
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
	fsys := vfs.From(ctx)
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
		return fault.New(fault.InvalidRequest, "redeem.Open", "the mark %s lies in the terminal's folder: keep it elsewhere", file)
	}
	return nil
}

// markStep is how many records the journal may be ahead of the mark.
const markStep = 64

// A marker has the mark follow the journal, in a goroutine of its own, which follow begins and Close ends.
type marker struct {
	store   MarkStore // nil: there is no mark
	mark    Mark      // the goroutine's, and that of Open and Close before and after it
	stored  atomic.Uint64
	nudge   chan struct{}
	stopped chan struct{}
}

// loadMark compares the mark with the journal, and counts this opening.
func (t *Terminal) loadMark(ctx context.Context) {
	store := t.cfg.Mark
	if store == nil {
		return
	}
	last, opened := t.journal.Flushed(), t.number(slotOpened)
	mark, err := store.Load(ctx)
	ours := err == nil && mark.Terminal == t.id.Terminal
	switch {
	case err != nil:
		t.log.ErrorContext(ctx, "the mark cannot be read", errAttr(err))
		t.opening = append(t.opening, lapse{cause: record.CauseMark, above: last, unknown: true})
	case !ours && !mark.Terminal.IsZero():
		t.opening = append(t.opening, lapse{cause: record.CauseMark, above: last, unknown: true})
	case ours && (mark.Number > last || mark.Opened > opened):
		t.opening = append(t.opening, lapse{cause: record.CauseMark, above: last, through: mark.Number})
	}
	if ours {
		opened = max(opened, mark.Opened)
		t.bounded = &mark.Number
	}
	t.marker.store, t.marker.mark = store, Mark{Terminal: t.id.Terminal, Opened: opened + 1}
}

// startMark stores the first mark of this opening, of which the journal knows by now, and has it followed.
func (t *Terminal) startMark(ctx context.Context) {
	m := &t.marker
	if m.store == nil {
		return
	}
	m.nudge, m.stopped = make(chan struct{}, 1), make(chan struct{})
	ctx = context.WithoutCancel(ctx)
	t.storeMark(ctx)
	go func() {
		defer close(m.stopped)
		for {
			select {
			case <-t.done:
				return
			case <-m.nudge:
				t.storeMark(ctx)
			}
		}
	}()
}

// storeMark stores how far the journal is on the medium now.
func (t *Terminal) storeMark(ctx context.Context) {
	m := &t.marker
	mark := m.mark
	mark.Number = t.journal.Flushed()
	if err := m.store.Store(ctx, mark); err != nil {
		t.log.ErrorContext(ctx, "the mark cannot be stored: it is tried again with the next one", errAttr(err))
		return
	}
	m.mark = mark
	m.stored.Store(mark.Number)
}

// markAfter has the mark stored where the journal is ahead of it by so many records.
func (t *Terminal) markAfter(records uint64) {
	m := &t.marker
	if m.store == nil || t.journal.Flushed() < m.stored.Load()+records {
		return
	}
	select {
	case m.nudge <- struct{}{}:
	default:
	}
}

// stopMark ends the goroutine and stores where the journal ended.
func (t *Terminal) stopMark() {
	if t.marker.stopped == nil {
		return
	}
	<-t.marker.stopped
	t.storeMark(vfs.Into(context.Background(), t.fs))
}
