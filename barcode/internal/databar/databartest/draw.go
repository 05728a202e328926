// Package databartest draws GS1 DataBar, so that tests can read back what the standard's tables say. It numbers widths
// by counting them up, which package databar does not. Tests alone use it.
package databartest

import (
	"fmt"
	"image"
	"strconv"

	"github.com/offlane/offlane/barcode/internal/databar"
)

// A Row is the widths of a row's elements in modules, light and dark in turn.
type Row struct {
	Widths []int
	// Dark says that the first one is a bar.
	Dark bool
	// Height is in modules.
	Height int
}

// Draw draws rows upon each other, their beginnings aligned, so many pixels a module, with ten modules of light around.
func Draw(module int, rows ...Row) *image.Gray {
	width, height := 0, 0
	for _, r := range rows {
		sum := 0
		for _, w := range r.Widths {
			sum += w
		}
		width, height = max(width, sum), height+r.Height
	}
	img := image.NewGray(image.Rect(0, 0, (width+20)*module, (height+20)*module))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	y := 10 * module
	for _, r := range rows {
		x := 10 * module
		dark := r.Dark
		for _, w := range r.Widths {
			for k := range w * module * r.Height * module {
				if dark {
					img.Pix[(y+k/(w*module))*img.Stride+x+k%(w*module)] = 0
				}
			}
			x, dark = x+w*module, !dark
		}
		y += r.Height * module
	}
	return img
}

// Widths returns the widths of the character with a value.
func Widths(k *databar.Kind, value int) []int {
	group := 0
	for i, g := range k.Groups {
		if value >= g.First {
			group = i
		}
	}
	g := k.Groups[group]
	lead, rest := (value-g.First)/g.Step, (value-g.First)%g.Step
	if k.EvenLeads {
		lead, rest = rest, lead
	}
	n := k.Elements / 2
	odd := nth(n, g.Odd, g.OddMost, k.NarrowOdd, &lead)
	even := nth(n, k.Modules-g.Odd, g.EvenMost, !k.NarrowOdd, &rest)
	out := make([]int, 0, 2*n)
	for i := range n {
		out = append(out, odd[i], even[i])
	}
	return out
}

// nth counts up the rows of n widths with a sum until index reaches zero.
func nth(n, sum, most int, narrow bool, index *int) []int {
	if n == 0 {
		if sum != 0 || narrow {
			return nil
		}
		if *index--; *index >= 0 {
			return nil
		}
		return []int{}
	}
	for w := 1; w <= min(most, sum); w++ {
		if rest := nth(n-1, sum-w, most, narrow && w > 1, index); rest != nil {
			return append([]int{w}, rest...)
		}
	}
	return nil
}

func backwards(w []int) (out []int) {
	for i := len(w) - 1; i >= 0; i-- {
		out = append(out, w[i])
	}
	return out
}

func chain(parts ...[]int) (out []int) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// The finder patterns of DataBar Omnidirectional.
var finders = [9][]int{
	{3, 8, 2, 1, 1}, {3, 5, 5, 1, 1}, {3, 3, 7, 1, 1}, {3, 1, 9, 1, 1}, {2, 7, 4, 1, 1}, {2, 5, 6, 1, 1}, {2, 3, 8, 1, 1},
	{1, 5, 7, 1, 1}, {1, 3, 9, 1, 1},
}

// halves are the two halves of a DataBar Omnidirectional without guards; linked is set when a component belongs to it.
func halves(gtin string, linked bool) (left, right []int) {
	number, err := strconv.ParseInt(gtin[:13], 10, 64)
	if err != nil {
		panic(err)
	}
	if linked {
		number += 1e13
	}
	const pair = 2841 * 1597
	chars := [4][]int{
		Widths(&databar.Outer, int(number/pair/1597)), Widths(&databar.Inner, int(number/pair%1597)),
		Widths(&databar.Outer, int(number%pair/1597)), Widths(&databar.Inner, int(number%pair%1597)),
	}
	sum, weight := 0, 1
	for _, c := range chars {
		for _, w := range c {
			sum += w * weight
			weight = weight * 3 % 79
		}
	}
	check := sum % 79
	if check >= 8 {
		check++
	}
	if check >= 72 {
		check++
	}
	return chain(chars[0], finders[check/9], backwards(chars[1])),
		chain(chars[3], backwards(finders[check%9]), backwards(chars[2]))
}

// Omnidirectional draws the 14 digits of a GTIN.
func Omnidirectional(gtin string, height int, linked bool) []Row {
	left, right := halves(gtin, linked)
	return []Row{{Widths: chain([]int{1, 1}, left, right, []int{1, 1}), Height: height}}
}

// DrawStacked draws a GTIN in two rows with a separator between them.
func DrawStacked(gtin string, upper, lower int) []Row {
	left, right := halves(gtin, false)
	return []Row{
		{Widths: chain([]int{1, 1}, left, []int{1, 1}), Height: upper},
		{Widths: []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, Height: 1},
		{Widths: chain([]int{1, 1}, right, []int{1, 1}), Dark: true, Height: lower},
	}
}

// DrawLimited draws the 14 digits of a GTIN that begins with 0 or 1.
func DrawLimited(gtin string) []Row {
	number, err := strconv.ParseInt(gtin[:13], 10, 64)
	if err != nil || number > 1_999_999_999_999 {
		panic(fmt.Sprint("no GTIN for DataBar Limited: ", gtin))
	}
	left, right := Widths(&databar.Limited, int(number/2013571)), Widths(&databar.Limited, int(number%2013571))
	sum, weight := 0, 1
	for _, w := range chain(left, right) {
		sum += w * weight
		weight = weight * 3 % 89
	}
	return []Row{{Widths: chain([]int{1, 1}, left, limitedCheck(sum%89), right, []int{1, 1, 5}), Height: 10}}
}

// limitedCheck finds the check character with a number among all that have nine modules of bars and nine of spaces.
func limitedCheck(number int) (widths []int) {
	for i := range 28 * 28 {
		odd, even := i/28, i%28
		a, b := nth(7, 9, 3, false, &odd), nth(7, 9, 3, false, &even)
		widths = widths[:0]
		for k := range 7 {
			widths = append(widths, a[k], b[k])
		}
		if databar.LimitedCheck(widths) == number {
			return widths
		}
	}
	panic(fmt.Sprint("no check character ", number))
}
