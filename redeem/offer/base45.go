package offer

import "fmt"

const base45Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

var base45Value = base45Values()

func base45Values() (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte(base45Alphabet) {
		values[c] = int8(i)
	}
	return values
}

// encodeBase45 writes two bytes as three characters and a last single byte as two, least significant first (RFC 9285,
// section 4).
func encodeBase45(data []byte) []byte {
	out := make([]byte, 0, (len(data)+1)/2*3)
	for ; len(data) >= 2; data = data[2:] {
		n := int(data[0])<<8 | int(data[1])
		out = append(out, base45Alphabet[n%45], base45Alphabet[n/45%45], base45Alphabet[n/45/45])
	}
	if len(data) == 1 {
		n := int(data[0])
		out = append(out, base45Alphabet[n%45], base45Alphabet[n/45])
	}
	return out
}

// decodeBase45 reads what encodeBase45 writes and nothing else: the code gives every byte string one text.
func decodeBase45(text string) ([]byte, error) {
	if len(text)%3 == 1 {
		return nil, fmt.Errorf("%d characters of base45 cannot be: one is missing, or one is too many", len(text))
	}
	out := make([]byte, 0, len(text)/3*2+1)
	at := 0
	for ; at+3 <= len(text); at += 3 {
		a, b, c := base45Value[text[at]], base45Value[text[at+1]], base45Value[text[at+2]]
		n := int(a) + 45*int(b) + 45*45*int(c)
		if a|b|c < 0 || n > 0xffff {
			break // the loop below says what it is
		}
		out = append(out, byte(n>>8), byte(n))
	}
	for ; at < len(text); at += 3 {
		group := text[at:min(at+3, len(text))]
		n, weight := 0, 1
		for i := range len(group) {
			value := base45Value[group[i]]
			if value < 0 {
				return nil, fmt.Errorf("character %d is %q, which base45 does not have", at+i+1, group[i])
			}
			n, weight = n+int(value)*weight, weight*45
		}
		switch {
		case len(group) == 3 && n <= 0xffff:
			out = append(out, byte(n>>8), byte(n))
		case len(group) == 2 && n <= 0xff:
			out = append(out, byte(n))
		default:
			return nil, fmt.Errorf("the group at character %d stands for no byte", at+1)
		}
	}
	return out, nil
}
