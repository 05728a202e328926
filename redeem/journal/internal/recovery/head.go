package recovery

import (
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// LoadHead reads the last record of the chain for its hash. Errors: fault.Damaged and fault.DiskFailed.
func LoadHead(in folder.Folder, x *index.Index) error {
	if x.Head.Number == 0 {
		return nil
	}
	r := folder.Reader{Folder: in}
	defer r.Close()
	seg, off := x.Locate(x.Head.At)
	if seg == nil {
		return folder.Unreadable(folder.ErrGone)
	}
	c, err := r.ReadAt(seg, off)
	if err != nil {
		return folder.Unreadable(err)
	}
	x.Head.SetHash(c.Hash())
	return nil
}
