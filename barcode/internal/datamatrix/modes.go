package datamatrix

// A set is one of the two modes of triples: what its values stand for in its basic set and behind shift 3.
type set struct{ basic, third string }

const (
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	small    = "abcdefghijklmnopqrstuvwxyz"
	numbers  = "0123456789"
	// marks stand behind shift 2 of both.
	marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_"
)

var (
	c40  = set{" " + numbers + capitals, "`" + small + "{|}~\x7f"}
	text = set{" " + numbers + small, "`" + capitals + "{|}~\x7f"}
)

// values reads the next two codewords as three values of 40; done says that the mode ends.
func (c *content) values() (v [3]int, done bool, err error) {
	if c.remaining() > 0 && c.words[c.at] == unlatch { // some write it behind the last value as well
		c.at++
		return v, true, nil
	}
	if c.remaining() < 2 {
		return v, true, nil // one that is left is in ASCII
	}
	n := int(c.next())<<8 + int(c.next()) - 1
	if n < 0 || n >= 40*40*40 {
		return v, true, errStream
	}
	return [3]int{n / 1600, n / 40 % 40, n % 40}, false, nil
}

// triples reads a segment of C40 or Text (ISO/IEC 16022, 5.2.5 and 5.2.6).
func (c *content) triples(s *set) error {
	begun, shift := c.at, 0
	for {
		at := c.at
		all, done, err := c.values()
		if done || err != nil {
			return err
		}
		for i, v := range all {
			if shift == 0 && v < 3 {
				shift = v + 1
				continue
			}
			first := at == begun && begun == c.begin+1 && i == 1 && shift == 2
			if err := c.triple(s, shift, v, first); err != nil {
				return err
			}
			shift = 0
		}
	}
}

// triple adds what a value stands for behind a shift. FNC1 that is the first of all data is in first position.
func (c *content) triple(s *set, shift, v int, first bool) error {
	switch {
	case shift == 0:
		c.add(s.basic[v-3])
	case shift == 1 && v < 32:
		c.add(byte(v))
	case shift == 2 && v < len(marks):
		c.add(marks[v])
	case shift == 2 && v == 27:
		if first {
			c.function(0)
		} else {
			c.add(0x1d)
		}
	case shift == 2 && v == 30:
		c.upper = 128
	case shift == 3 && v < len(s.third):
		c.add(s.third[v])
	default:
		return errStream
	}
	return nil
}

// x12 reads a segment of ANSI X12 (ISO/IEC 16022, 5.2.7).
func (c *content) x12() error {
	const all = "\r*> " + numbers + capitals
	for {
		v, done, err := c.values()
		if done || err != nil {
			return err
		}
		c.add(all[v[0]], all[v[1]], all[v[2]])
	}
}

// edifact reads a segment of EDIFACT: four values of six bits in three codewords (ISO/IEC 16022, 5.2.8).
func (c *content) edifact() error {
	const end = 31
	for c.remaining() > 2 { // one or two that are left are in ASCII
		bits := uint32(c.words[c.at])<<16 | uint32(c.words[c.at+1])<<8 | uint32(c.words[c.at+2])
		for k := range 4 {
			v := byte(bits >> (18 - 6*k) & 63)
			if v == end {
				c.at += min(k+1, 3) // to the end of the codeword that it ends in
				return nil
			}
			if v < 32 {
				v |= 64
			}
			c.add(v)
		}
		c.at += 3
	}
	return nil
}
