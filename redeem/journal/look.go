package journal

import "context"

// Read calls look under the log's lock, with the View that a callback of Append has, and returns when everything that
// look saw is on the medium. look must be quick and must not call the log; it may be called several times, and only
// what the last call found counts. An error of look is returned as it is. Other errors: fault.Closed, fault.DiskFailed,
// fault.FolderGone, and ctx's own.
func (l *Log) Read(ctx context.Context, look func(v *View) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		g, err := l.lookOnce(look)
		if g != nil && l.await(wait{group: g}) != nil {
			continue // what look saw was not written
		}
		return withOp("journal.Read", err)
	}
}

// lookOnce returns the last group that look has seen and that is not on the medium yet; nil: there is none.
func (l *Log) lookOnce(look func(v *View) error) (*group, error) {
	l.mu.Lock()
	defer l.unlock()
	if err := l.ensureReadableLocked(); err != nil {
		return nil, err
	}
	err := look(&l.view)
	if err != nil {
		err = buildError{err}
	}
	if n := len(l.queue); n > 0 {
		return l.queue[n-1].shareLocked(), err
	}
	return nil, err
}
