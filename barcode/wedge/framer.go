package wedge

import (
	"bytes"
	"errors"
	"strings"
	"time"
)

// MaxScan is the greatest length in bytes of one scan: more than any symbol holds.
const MaxScan = 8192

// ErrTooLong is the error of more bytes than any symbol holds without an end. They are dropped up to the next end.
var ErrTooLong = errors.New("wedge: more than a scan's bytes came without an end: is a scanner connected here?")

// Config says how scans are told apart and repaired. The zero value recognises terminators, pauses and element strings.
type Config struct {
	// Profile is what the self-test found out about this scanner; zero: nothing.
	Profile Profile
	// Accept reports whether a text, with its symbology identifier, is one that the caller can use and that carries a
	// check of its own, such as a signature or check symbols: it decides between the texts that a scan may have been, and
	// without a profile a text is changed only into one that it accepts. Of GS1's element strings and links only those
	// with a check digit are changed into. Nil: element strings and texts with a symbology identifier are good.
	Accept func(text string) bool
	// Pause is how long nothing comes after a scan where nothing marks the ends. Zero: 150 ms. It is not used where
	// terminators come, nor before it is known whether they do: then a pause is a pause.
	Pause time.Duration
	// Stall is how long nothing comes until the scan is taken for ended, and where terminators come for cut off. Zero:
	// 2 s.
	Stall time.Duration
}

// terminators end a scan: what scanners send behind a text, and the control characters of the older serial ones.
const terminators = "\r\n\t\x03\x04"

// A Framer cuts a stream into scans. The caller says when bytes came and when time passed; a Framer has no clock, holds
// no resource, and must not be used by several goroutines at once.
type Framer struct {
	cfg     Config
	decides bool // the caller's Accept tells good texts from bad ones, so that parts may be joined and split by it
	repair  repairer
	prefix  marks
	suffix  marks     // in the middle of what came only the first form ends a scan: another may be a part of its text
	pending []byte    // bytes that came since the last scan
	ended   bool      // pending ends with a terminator and was not recognised
	ends    bool      // scans end with a terminator: one was seen, or the profile says so
	bare    bool      // nothing marks the ends of scans: one came like that, or the profile says so
	paused  bool      // pending was looked at in a pause
	slow    bool      // pending came with pauses inside, as a person types
	tooLong bool      // bytes are being dropped
	last    time.Time // when bytes last came
}

// NewFramer returns a Framer. It fails for a profile that cannot be used.
func NewFramer(cfg Config) (*Framer, error) {
	if !cfg.Profile.isZero() {
		if err := cfg.Profile.check(); err != nil {
			return nil, err
		}
	}
	decides := cfg.Accept != nil
	if !decides {
		cfg.Accept = acceptByForm
	}
	if cfg.Pause <= 0 {
		cfg.Pause = 150 * time.Millisecond
	}
	if cfg.Stall <= 0 {
		cfg.Stall = 2 * time.Second
	}
	repair := repairer{profile: cfg.Profile, accept: cfg.Accept, decides: decides}
	known := !cfg.Profile.isZero()
	ends := cfg.Profile.Suffix != ""
	return &Framer{cfg: cfg, decides: decides, repair: repair, ends: ends, bare: known && !ends,
		prefix: cfg.Profile.marksOf(cfg.Profile.Prefix), suffix: cfg.Profile.marksOf(cfg.Profile.Suffix)}, nil
}

// Push takes bytes that came at a moment and returns the scans that they complete. Its error is ErrTooLong; scans that
// came before are returned with it.
func (f *Framer) Push(data []byte, at time.Time) (scans []Scan, err error) {
	scans = f.Tick(at)
	f.slow = f.slow || len(f.pending) > 0 && at.Sub(f.last) >= f.cfg.Pause
	f.last, f.paused = at, false
	for len(data) > 0 {
		n, end := f.nextEnd(data)
		f.pending = append(f.pending, data[:n]...)
		data = data[n:]
		if len(f.pending) > MaxScan {
			f.pending, f.tooLong, err = nil, true, ErrTooLong
		}
		if end {
			scans = append(scans, f.takeTerminated()...)
		}
	}
	return scans, err
}

// nextEnd returns how many bytes of data go to the scan that is coming, and whether they end it.
func (f *Framer) nextEnd(data []byte) (n int, end bool) {
	suffix := f.cfg.Profile.Suffix
	if suffix == "" {
		if at := bytes.IndexAny(data, terminators); at >= 0 {
			return at + 1, true
		}
		return len(data), false
	}
	overlap := min(len(suffix)-1, len(f.pending))
	joined := append(bytes.Clone(f.pending[len(f.pending)-overlap:]), data...)
	if at := bytes.Index(joined, []byte(suffix)); at >= 0 {
		return at + len(suffix) - overlap, true
	}
	return len(data), false
}

// takeTerminated handles pending when it ends with a terminator. What is not recognised waits: it may be the first part
// of a scan that was cut in two.
func (f *Framer) takeTerminated() []Scan {
	if f.tooLong {
		f.clear()
		return nil
	}
	if len(f.parts(f.pending)) == 0 {
		f.pending = nil
		return nil
	}
	f.ends, f.bare = true, false
	if scans := f.recognise(f.pending); scans != nil {
		f.clear()
		return scans
	}
	if !f.decides {
		return f.Flush()
	}
	scans := f.giveUpFirst()
	f.ended = len(f.pending) > 0
	return scans
}

// giveUpFirst gives up joining what waited with what came after it: the first goes as it is, the second is looked at
// alone.
func (f *Framer) giveUpFirst() []Scan {
	if !f.ended {
		return nil
	}
	first := f.firstLen(f.pending)
	scans := []Scan{f.unrecognisedScan(f.pending[:first:first], false)}
	f.pending = bytes.Clone(f.pending[first:])
	if alone := f.recognise(f.pending); alone != nil {
		f.pending = nil
		scans = append(scans, alone...)
	}
	return scans
}

// firstLen returns the length of the first part of raw with its terminator.
func (f *Framer) firstLen(raw []byte) int {
	parts := f.parts(raw)
	at := bytes.Index(raw, parts[0]) + len(parts[0])
	if suffix := f.cfg.Profile.Suffix; suffix != "" && bytes.HasPrefix(raw[at:], []byte(suffix)) {
		return at + len(suffix)
	}
	for at < len(raw) && strings.IndexByte(terminators, raw[at]) >= 0 {
		at++
	}
	return at
}

// Tick returns the scans that end because nothing came until now.
func (f *Framer) Tick(now time.Time) []Scan {
	if len(f.pending) == 0 {
		return nil
	}
	idle := now.Sub(f.last)
	if idle >= f.cfg.Stall {
		f.bare = !f.ends
		return f.Flush()
	}
	if f.paused || idle < f.cfg.Pause {
		return nil
	}
	f.paused = true
	switch {
	case f.ended:
		return f.Flush() // no second part came
	case f.suffix.endOf(f.pending):
		return f.takeTerminated()
	case !f.bare || f.slow:
		return nil // its end is still to come, or may be
	}
	scans := f.recognise(f.pending)
	if scans != nil {
		f.clear()
	}
	return scans
}

// Flush returns what has come of the last scan, at the end of a stream or when nothing more is expected.
func (f *Framer) Flush() []Scan {
	raw, cut := f.pending, f.ends && !f.endsWithTerminator()
	f.clear()
	if len(f.parts(raw)) == 0 {
		return nil
	}
	scans := f.recognise(raw)
	if scans == nil {
		scans = []Scan{f.unrecognisedScan(raw, false)}
	}
	scans[len(scans)-1].Incomplete = cut
	return scans
}

func (f *Framer) endsWithTerminator() bool {
	if f.suffix != nil {
		return f.suffix.endOf(f.pending)
	}
	return len(f.pending) > 0 && strings.IndexByte(terminators, f.pending[len(f.pending)-1]) >= 0
}

func (f *Framer) clear() {
	f.pending, f.ended, f.paused, f.slow, f.tooLong = nil, false, false, false, false
}

// Deadline returns when Tick is to be called unless bytes come before; zero: there is nothing to wait for.
func (f *Framer) Deadline() time.Time {
	switch {
	case len(f.pending) == 0:
		return time.Time{}
	case f.paused || (!f.bare || f.slow) && !f.ended && !f.suffix.endOf(f.pending):
		return f.last.Add(f.cfg.Stall)
	}
	return f.last.Add(f.cfg.Pause)
}
