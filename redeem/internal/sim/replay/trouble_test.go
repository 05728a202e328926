package replay

import (
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// Trouble is what the disk does in one step. It counts only flushes of segments that were there when the step began:
// others are made and flushed in the background.
type trouble struct {
	mu    sync.Mutex
	segs  []string // of the journal, at the beginning of the step
	flush int      // which flush of theirs fails; 0: none
	crash func()   // what happens then; nil: that flush fails alone
	dead  bool     // nothing works any more
	full  bool     // no file can be made or extended
	blind bool     // no segment can be read
}

const segmentSuffix = ".journal"

// before is asked before each operation.
func (t *trouble) before(op vfs.Operation) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead {
		return syscall.EIO
	}
	if t.full && (op.Kind == "create" || op.Kind == "truncate") {
		return syscall.ENOSPC
	}
	if t.flush == 0 || op.Kind != "sync" || !slices.Contains(t.segs, op.Name) {
		return nil
	}
	if t.flush--; t.flush > 0 {
		return nil
	}
	if t.crash != nil {
		t.dead = true
		t.crash()
	}
	return syscall.EIO
}

// begin plans trouble for a step on a disk.
func (t *trouble) begin(disk *vfs.Memory, flush int, crash func()) {
	names := segments(disk)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.segs, t.flush, t.crash = names, flush, crash
}

// segments are the files of the journal on a disk.
func segments(disk *vfs.Memory) (names []string) {
	all, _ := disk.List("till")
	for _, name := range all {
		if strings.HasSuffix(name, segmentSuffix) {
			names = append(names, "till/"+name)
		}
	}
	return names
}

func (t *trouble) fill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.full = true
}

func (t *trouble) hide() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.blind = true
}

// reading is asked before each read.
func (t *trouble) reading(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.blind && strings.HasSuffix(name, segmentSuffix) {
		return syscall.EIO
	}
	return nil
}

// end ends it and reports whether the power failed.
func (t *trouble) end() (crashed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	crashed = t.dead
	t.flush, t.crash, t.dead, t.full, t.blind = 0, nil, false, false, false
	return crashed
}
