package journal

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A folder can be deleted, moved or replaced while it is open, and so can its lock: what is written then goes to files
// that nobody finds again, and another process may have the folder for its own. So no group is acknowledged before the
// names are seen to lead to what this log holds. Another process that comes in between cannot write to the same
// segment, since that one is locked as well.

// checkNames returns nil where the names of the folder's lock and of the group's segment still lead to what is open,
// after the group is on the medium. Its error is fault.FolderGone, or why that cannot be seen.
func (l *Log) checkNames(g *group) error {
	for what, held := range [...]vfs.Named{l.lock, g.seg.File} {
		ours, err := held.StillNamed()
		if err != nil {
			return fault.New(fault.DiskFailed, "", "the journal's folder cannot be looked at: %w", err)
		}
		if !ours {
			return l.goneError(what == 0, g)
		}
	}
	return nil
}

func (l *Log) goneError(lock bool, g *group) error {
	name := lockName
	if !lock {
		name = g.seg.Name()
	}
	return fault.New(fault.FolderGone, "", "%s in %s was deleted, moved or replaced while it was open: nothing more is "+
		"recorded; see that one program alone uses the folder, and open it again", name, l.folder.Dir)
}
