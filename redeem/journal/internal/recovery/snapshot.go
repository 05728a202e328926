package recovery

import (
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A snapshot is the index as it stood after some frame, so that Load need not read everything before. It saves time and
// does nothing else: where it is missing, damaged, or does not fit the segments, all of them are read. What was not
// read is checked afterwards, by Check.
//
//	magic 8 │ journal id 16 │ encrypted 8 │ blocks: segments, records, hash table, notes, verdicts
const (
	snapshotName  = "index.snapshot"
	snapshotMagic = "OLJSNAP2"
	snapshotHead  = 32
)

// SaveSnapshot writes a snapshot of an index of which everything is on the medium. A nil sealer encrypts nothing.
func SaveSnapshot(in folder.Folder, x *index.Index, sealer *format.Sealer) error {
	name := in.Path(snapshotName)
	_ = in.FS.Remove(name + ".new") // what a crash left; if it stays, the next line fails
	f, err := in.FS.Open(name+".new", vfs.Create)
	if err != nil {
		return err
	}
	err = writeSnapshot(f, x, sealer)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = in.FS.Rename(name+".new", name)
	}
	if err != nil {
		_ = in.FS.Remove(name + ".new")
		return err
	}
	return in.FS.SyncDir(in.Dir)
}

func writeSnapshot(f vfs.File, x *index.Index, sealer *format.Sealer) error {
	head := append([]byte(snapshotMagic), x.Journal[:]...)
	sealed := byte(0)
	if sealer != nil {
		sealed = 1
	}
	head = append(head, sealed, 0, 0, 0, 0, 0, 0, 0)
	if _, err := f.WriteAt(head, 0); err != nil {
		return err
	}
	w := format.NewBlockWriter(f, snapshotHead, sealer, x.Journal)
	x.Write(w)
	return w.Close()
}

// loadSnapshot returns the index of a snapshot that fits the segments, and how many of them it covers; nil: there is
// none.
func loadSnapshot(o *Options, s *Survey) (*index.Index, int) {
	f, err := o.Folder.FS.Open(o.Folder.Path(snapshotName), vfs.Read)
	if err != nil {
		return nil, 0
	}
	defer f.Close()
	head := make([]byte, snapshotHead)
	if _, err := f.ReadAt(head, 0); err != nil || string(head[:8]) != snapshotMagic || [16]byte(head[8:24]) != s.Journal {
		return nil, 0
	}
	r := format.NewBlockReader(f, snapshotHead, o.Keys, s.Journal, head[24] != 0)
	x, covered := index.Read(r, s.Journal, s.Segments)
	if x == nil || x.Seq > o.Limit || overrides(s.Segments[covered:], x.Seq) {
		return nil, 0
	}
	x.IDAt = idReader(o.Folder, x)
	if LoadHead(o.Folder, x) != nil {
		return nil, 0 // what the next record would name is damaged: another record is the last one
	}
	return x, covered
}

// overrides reports whether a later segment takes back what the snapshot covers.
func overrides(later []*index.Segment, seq uint64) bool {
	for _, s := range later {
		if s.First <= seq {
			return true
		}
	}
	return false
}
