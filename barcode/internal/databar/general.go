package databar

// A mode is a character set of the general-purpose data field (ISO/IEC 24724, 7.2.5.5).
type mode func(f *field, b *bits) mode

// general reads the rest of the bits. FNC1 leads back to digits; pad bits change sets to and fro until the end.
func (f *field) general(b *bits) {
	for m := mode(numeric); m != nil && !f.bad && !b.short; {
		m = m(f, b)
	}
}

const gs = 0x1d

// numeric reads two digits in seven bits, of which ten and up stands for FNC1, and a last one in four.
func numeric(f *field, b *bits) mode {
	switch {
	case b.remaining() < 4:
		return nil
	case b.peek(4) == 0:
		b.take(4)
		return alphanumeric
	case b.remaining() < 7:
		f.bad = f.bad || b.peek(4) > 10
		f.digit(b.take(4) - 1)
		return nil
	}
	pair := b.take(7) - 8
	f.digit(pair / 11)
	f.digit(pair % 11)
	return numeric
}

// digit appends a digit, or FNC1 for ten.
func (f *field) digit(d int) {
	if d == 10 {
		f.text.WriteByte(gs)
	} else {
		f.text.WriteByte(byte('0' + d))
	}
}

// alphanumeric reads digits in five bits, capital letters and five signs in six.
func alphanumeric(f *field, b *bits) mode {
	if next, done := common(f, b, alphanumeric, iso646); done {
		return next
	}
	switch v := b.take(6); {
	case v >= 32 && v < 58:
		f.text.WriteByte(byte('A' + v - 32))
	case v >= 58 && v < 63:
		f.text.WriteByte("*,-./"[v-58])
	default:
		f.bad = true
	}
	return alphanumeric
}

// iso646 reads digits in five bits, letters in seven and other signs in eight.
func iso646(f *field, b *bits) mode {
	if next, done := common(f, b, iso646, alphanumeric); done {
		return next
	}
	switch v := b.take(7); {
	case v >= 64 && v < 90:
		f.text.WriteByte(byte('A' + v - 64))
	case v >= 90 && v < 116:
		f.text.WriteByte(byte('a' + v - 90))
	default:
		const signs = `!"%&'()*+,-./:;<=>?_ `
		v = v<<1 | b.take(1)
		if f.bad = f.bad || v < 232 || v >= 232+len(signs); !f.bad {
			f.text.WriteByte(signs[v-232])
		}
	}
	return iso646
}

// common reads what both sets with letters have in five bits: digits, FNC1 and the ways out.
func common(f *field, b *bits, here, other mode) (next mode, done bool) {
	switch {
	case b.remaining() < 3:
		return nil, true
	case b.peek(3) == 0:
		b.take(3)
		return numeric, true
	case b.remaining() < 5:
		return nil, true
	}
	switch v := b.peek(5); {
	case v == 4:
		b.take(5)
		return other, true
	case v < 15:
		f.digit(b.take(5) - 5)
	case v == 15:
		b.take(5)
		f.text.WriteByte(gs)
		// Some encoders lead back to digits once more. Letters cannot stand here, where an AI begins.
		if b.remaining() >= 4 && b.peek(4) == 0 {
			b.take(3)
		}
		return numeric, true
	default:
		return nil, false
	}
	return here, true
}
