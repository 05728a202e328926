package wedge

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Scans reads r and yields one Scan for each symbol, until the context is done or r ends. ErrTooLong is yielded and
// reading goes on; any other error, the context's among them, is the last thing yielded, and the end of r is none.
//
// Reading goes on in a goroutine of its own while a scan is handled. When the loop ends and r is an io.Closer, r is
// closed; the goroutine ends as soon as the read that it waits in returns.
func Scans(ctx context.Context, r io.Reader, cfg Config) iter.Seq2[Scan, error] {
	return func(yield func(Scan, error) bool) {
		framer, err := NewFramer(cfg)
		if err != nil {
			yield(Scan{}, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if closer, ok := r.(io.Closer); ok {
			defer func() { _ = closer.Close() }() // it was only read from
		}
		run(ctx, framer, pump(ctx, r), yield)
	}
}

// chunk is what one read returned.
type chunk struct {
	data []byte
	at   time.Time
	err  error
}

// pump reads r until it fails, or the context is done and a read has returned.
func pump(ctx context.Context, r io.Reader) <-chan chunk {
	chunks := make(chan chunk)
	go func() {
		defer close(chunks)
		for {
			buffer := make([]byte, 512)
			n, err := r.Read(buffer)
			select {
			case chunks <- chunk{buffer[:n], time.Now(), err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return chunks
}

func run(ctx context.Context, framer *Framer, chunks <-chan chunk, yield func(Scan, error) bool) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		setTimer(timer, framer.Deadline())
		select {
		case <-ctx.Done():
			yield(Scan{}, ctx.Err())
			return
		case c := <-chunks:
			if !pushChunk(framer, c, yield) {
				return
			}
		case now := <-timer.C:
			if !yieldAll(framer.Tick(now), yield) {
				return
			}
		}
	}
}

func setTimer(timer *time.Timer, deadline time.Time) {
	if deadline.IsZero() {
		timer.Stop()
		return
	}
	timer.Reset(time.Until(deadline))
}

// pushChunk hands one chunk to the framer; it returns false where the loop is to end.
func pushChunk(framer *Framer, c chunk, yield func(Scan, error) bool) bool {
	scans, err := framer.Push(c.data, c.at)
	if !yieldAll(scans, yield) || err != nil && !yield(Scan{}, err) {
		return false
	}
	if c.err == nil {
		return true
	}
	if yieldAll(framer.Flush(), yield) && !errors.Is(c.err, io.EOF) {
		yield(Scan{}, c.err)
	}
	return false
}

func yieldAll(scans []Scan, yield func(Scan, error) bool) bool {
	for _, s := range scans {
		if !yield(s, nil) {
			return false
		}
	}
	return true
}
