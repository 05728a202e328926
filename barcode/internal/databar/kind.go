// Package databar is the arithmetic of GS1 DataBar, ISO/IEC 24724: from the widths of a character's elements to its
// value, and from the values of a symbol's characters to what it says. It knows nothing of pictures. It holds no state
// and may be used by several goroutines.
package databar

// A Kind is a kind of symbol character. Its elements are counted from the end that is farther from the finder pattern;
// the first, third and so on are the odd ones. Every combination of widths that the kind allows is numbered, those of
// the odd and those of the even elements apart (ISO/IEC 24724, annex B).
type Kind struct {
	// Modules is the sum of all widths, Elements their number.
	Modules, Elements int
	// NarrowOdd says that of the odd elements one is a single module wide; otherwise one of the even ones is. That
	// tells a decoder which widths fit the distances of edges that it measured.
	NarrowOdd bool
	// EvenLeads says that the value counts up with the even elements' number before the odd ones'.
	EvenLeads bool
	// Groups are in the order of their values.
	Groups []Group
	// Values is how many there are.
	Values int
}

// A Group is the part of a kind's characters whose odd elements have the same sum.
type Group struct {
	// Odd is the sum of the odd widths.
	Odd int
	// OddMost and EvenMost are the largest widths.
	OddMost, EvenMost int
	// First is the smallest value; Step is how many values one count of the leading elements is worth.
	First, Step int
}

// The kinds of characters, tables 1 to 3 and 6 of ISO/IEC 24724.
var (
	// Outer are the first and the third character of DataBar Omnidirectional, Inner the second and the fourth.
	Outer = Kind{Modules: 16, Elements: 8, Values: 2841, Groups: []Group{
		{12, 8, 1, 0, 1}, {10, 6, 3, 161, 10}, {8, 4, 5, 961, 34}, {6, 3, 6, 2015, 70}, {4, 1, 8, 2715, 126},
	}}
	Inner = Kind{Modules: 15, Elements: 8, NarrowOdd: true, EvenLeads: true, Values: 1597, Groups: []Group{
		{5, 2, 7, 0, 4}, {7, 4, 5, 336, 20}, {9, 6, 3, 1036, 48}, {11, 8, 1, 1516, 81},
	}}
	// Expanded are all those of DataBar Expanded.
	Expanded = Kind{Modules: 17, Elements: 8, NarrowOdd: true, Values: 4192, Groups: []Group{
		{12, 7, 2, 0, 4}, {10, 5, 4, 348, 20}, {8, 4, 5, 1388, 52}, {6, 3, 6, 2948, 104}, {4, 1, 8, 3988, 204},
	}}
	// Limited are the two of DataBar Limited, both counted from the left.
	Limited = Kind{Modules: 26, Elements: 14, Values: 2013571, Groups: []Group{
		{17, 6, 3, 0, 28}, {13, 5, 4, 183064, 728}, {9, 3, 6, 820064, 6454}, {15, 5, 4, 1000776, 203},
		{11, 4, 5, 1491021, 2408}, {19, 8, 1, 1979845, 1}, {7, 1, 8, 1996939, 16632},
	}}
)

// Value returns the value of a character with these widths, or false where no character has them.
func (k *Kind) Value(widths []int) (int, bool) {
	var odd, even [7]int
	sums := [2]int{}
	for i, w := range widths {
		if i%2 == 0 {
			odd[i/2] = w
		} else {
			even[i/2] = w
		}
		sums[i%2] += w
	}
	n := k.Elements / 2
	for i, g := range k.Groups {
		if g.Odd != sums[0] || g.Odd+sums[1] != k.Modules {
			continue
		}
		lead, okOdd := rank(odd[:n], g.OddMost, k.NarrowOdd)
		rest, okEven := rank(even[:n], g.EvenMost, !k.NarrowOdd)
		if k.EvenLeads {
			lead, rest = rest, lead
		}
		v := g.First + lead*g.Step + rest
		return v, okOdd && okEven && rest < g.Step && v < k.end(i)
	}
	return 0, false
}

// end is the first value beyond group i.
func (k *Kind) end(i int) int {
	if i+1 < len(k.Groups) {
		return k.Groups[i+1].First
	}
	return k.Values
}

// rank counts the rows of widths with the same sum, from 1 to most, that come before these when sorted; with narrow,
// those alone that have a width of 1.
func rank(widths []int, most int, narrow bool) (before int, ok bool) {
	sum := 0
	for _, w := range widths {
		sum += w
		if w < 1 || w > most {
			return 0, false
		}
	}
	seen := !narrow
	for i, w := range widths {
		rest := len(widths) - 1 - i
		for x := 1; x < w; x++ {
			before += rows(rest, sum-x, most)
			if !seen && x > 1 {
				before -= rows(rest, sum-x-rest, most-1)
			}
		}
		seen = seen || w == 1
		sum -= w
	}
	return before, seen
}

// rows is how many rows of n widths from 1 to most have a sum: all rows, less those with one that is too wide, plus
// those with two, and so on.
func rows(n, sum, most int) (count int) {
	if n == 0 {
		if sum == 0 {
			return 1
		}
		return 0
	}
	for wide, sign := 0, 1; wide <= n; wide, sign = wide+1, -sign {
		count += sign * choose(n, wide) * choose(sum-wide*most-1, n-1)
	}
	return count
}

// choose is how many ways there are to take k of n.
func choose(n, k int) int {
	if k < 0 || n < k {
		return 0
	}
	c := 1
	for i := range k {
		c = c * (n - i) / (i + 1)
	}
	return c
}

// Check is the sum of the widths, each times the power of three that belongs to its place, the first one's being from,
// modulo a prime: 79 for DataBar Omnidirectional, 89 for Limited, 211 for Expanded.
func Check(widths []int, from, prime int) (sum int) {
	weight := 1
	for range from {
		weight = weight * 3 % prime
	}
	for _, w := range widths {
		sum = (sum + w*weight) % prime
		weight = weight * 3 % prime
	}
	return sum
}
