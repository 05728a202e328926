package wedge

import (
	"strconv"
	"unicode/utf8"
)

// windows1252 holds the characters 128 to 159 of Windows' code page 1252, which Alt with a number that begins with 0
// writes; from 160 on they are those of Unicode.
const windows1252 = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ"

// dosPage holds the characters 128 to 175 of the code pages 437 and 850, which Alt with a number that does not begin
// with 0 writes. Where the two differ it depends on the country, and no character is taken.
const dosPage = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ\ufffd£\ufffd\ufffdƒáíóúñÑªº¿\ufffd¬½¼¡«»"

// altCharacter returns the character that Alt with a number on the number pad writes, utf8.RuneError where it cannot be
// known: what is not known must not vanish from the middle of a text.
func altCharacter(number string) rune {
	n, err := strconv.ParseUint(number, 10, 16)
	page := []rune(dosPage)
	if number[0] == '0' {
		page = []rune(windows1252)
	}
	const ascii, latin = 0x80, 0xa0
	switch {
	case err != nil || n > 0xff || len(number) > maxAltCode:
		return utf8.RuneError
	case n < ascii, number[0] == '0' && n >= latin:
		return rune(n)
	case int(n-ascii) < len(page):
		return page[n-ascii]
	}
	return utf8.RuneError
}
