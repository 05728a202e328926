package gs1

import "strings"

// The character sets of the General Specifications, section 7.11, in the order of their values.
const (
	set82 = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`
	set39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	set32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	set64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

const (
	inN = 1 << iota
	inX
	inY
	inZ
)

// memberships says for each byte in which sets it is.
var memberships = func() (m [256]byte) {
	for set, bit := range map[string]byte{"0123456789": inN, set82: inX, set39: inY, set64: inZ} {
		for i := range len(set) {
			m[set[i]] |= bit
		}
	}
	return m
}()

// checkSet returns where s leaves the set N, X, Y or Z, and how; an empty problem where it doesn't.
func checkSet(set byte, s string) (at int, problem string) {
	bit, problem := byte(inN), "is no digit"
	switch set {
	case 'X':
		bit, problem = inX, "is not in character set 82"
	case 'Y':
		bit, problem = inY, "is not in character set 39"
	case 'Z':
		return checkBase64(s)
	}
	for i := range len(s) {
		if memberships[s[i]]&bit == 0 {
			return i, problem
		}
	}
	return 0, ""
}

// checkBase64 takes padding as GS1's own linter does: at most two, and to a multiple of three characters.
func checkBase64(s string) (at int, problem string) {
	data := strings.TrimRight(s, "=")
	if pads := len(s) - len(data); pads > 2 || pads > 0 && len(s)%3 != 0 {
		return len(data), "is padding of a wrong length"
	}
	for i := range len(data) {
		if memberships[data[i]]&inZ == 0 {
			return i, "is not in character set 64"
		}
	}
	return 0, ""
}
