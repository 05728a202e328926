package recovery

import (
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A builder puts the frames that count into an index.
type builder struct{ index *index.Index }

// take decrypts a frame and applies it. Errors: format.ErrSealed and format.ErrContent.
func (b builder) take(seg *index.Segment, off int64, f *format.Frame) (decrypted bool, err error) {
	seg.End = off + format.FrameSize(len(f.Content))
	f.Content = f.Content[:len(f.Content):len(f.Content)]
	if !seg.Sealer.Open(seg.ID, f) {
		return false, format.ErrSealed
	}
	return true, b.index.Apply(seg.Address(off), f, nil)
}
