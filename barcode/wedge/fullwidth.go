package wedge

import "strings"

// fullWidth is how far the full-width forms of the ASCII characters, which an input method for Chinese or Japanese
// writes, stand behind them (Unicode, U+FF01 to U+FF5E).
const fullWidth = 0xfee0

// halfWidth returns text with full-width characters as the ones that were typed; wide says that there were any.
func halfWidth(text string) (narrow string, wide bool) {
	narrow = strings.Map(func(r rune) rune {
		switch {
		case r == '\u3000':
			return ' '
		case r >= '!'+fullWidth && r <= '~'+fullWidth:
			return r - fullWidth
		}
		return r
	}, text)
	return narrow, narrow != text
}
