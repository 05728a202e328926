package record

// A Moment is when something happened at a terminal, as far as the evidence says, in milliseconds since 1970.
type Moment struct {
	Earliest, Latest int64
	// Wall is what the terminal's clock said, less what it is known to be off, to be believed if it is Trusted.
	Wall    int64
	Trusted bool
}

// MomentOf bounds when a record was written, for whoever takes its report at now. It was not before the offer was
// accepted, nor after now; and where the report was sent in the same run of the machine, not after now less the time
// in between.
func MomentOf(rec, sent Evidence, accepted, now int64) Moment {
	m := Moment{Earliest: max(rec.Earliest, accepted), Latest: now, Wall: rec.Wall - rec.Off, Trusted: rec.Trusted}
	if rec.Latest > 0 {
		m.Latest = min(m.Latest, rec.Latest)
	}
	if rec.Boot != "" && rec.Boot == sent.Boot && sent.SinceBoot > rec.SinceBoot {
		m.Latest = min(m.Latest, now-(sent.SinceBoot-rec.SinceBoot))
	}
	m.Latest = max(m.Latest, accepted)
	return m
}

// Before reports whether it happened before the deadline; known is false where the evidence does not say.
func (m Moment) Before(deadline int64) (yes, known bool) {
	switch {
	case m.Latest < deadline:
		return true, true
	case m.Earliest >= deadline:
		return false, true
	}
	return m.Wall < deadline, m.Trusted
}
