package qr

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

const (
	// keptBack is how many check codewords of a block no erasure takes: noise passes them once in 2^40 tries.
	keptBack = 5
	// nearFormat is how many bits of the format information may be wrong: noise is so near once in 33 times, and few
	// symbols have more wrong there and can be read.
	nearFormat = 1
)

// fractions are the parts of the erasures that a block allows which are tried.
var fractions = [3]float64{1, 0.67, 0.33}

// decodeDoubtful decodes the modules that the shades say, the codewords that it is least sure of taken as lost: glare
// and stains leave modules that are neither dark nor light, and where they are is known.
func (r *Reader) decodeDoubtful(m *modules) (s reading, ok bool) {
	defer func() {
		if recover() != nil { // gozxing's, on what it did not expect
			ok = false
		}
	}()
	format, off := m.nearestFormat()
	if off > nearFormat {
		return s, false
	}
	raw, version, level, ok := r.codewords(m, format)
	if !ok {
		return s, false
	}
	doubts := r.doubts(m.size)
	for _, b := range blocks(version, level) {
		words, weak := b.take(raw, doubts)
		if !settleBlock(words, b.data, weak) {
			return s, false
		}
		s.Raw = append(s.Raw, words[:b.data]...)
	}
	s.Symbol, ok = finish(s.Symbol, symbol.QRCode, variety{version: version.GetVersionNumber()}, 8*len(s.Raw), r.Charset)
	return s, ok
}

// nearestFormat returns the format data that is nearest to a copy of it, and how many bits of that are wrong.
func (m *modules) nearestFormat() (data uint32, off int) {
	a, b := m.format()
	off = 15
	for d := range uint32(32) {
		word := bch(d) ^ 0x5412
		if n := min(bits.OnesCount32(word^a), bits.OnesCount32(word^b)); n < off {
			data, off = d, n
		}
	}
	return data, off
}

// A blockPlan says which codewords of a symbol a block has, the first of them data.
type blockPlan struct {
	at   []int
	data int
}

// blocks returns those of a version and level: their codewords stand in turns (ISO/IEC 18004, 7.6).
func blocks(version *decoder.Version, level decoder.ErrorCorrectionLevel) (all []blockPlan) {
	ec := version.GetECBlocksForLevel(level)
	for _, kind := range ec.GetECBlocks() {
		for range kind.GetCount() {
			all = append(all, blockPlan{data: kind.GetDataCodewords()})
		}
	}
	k := 0
	for i := range all[len(all)-1].data { // the last is no shorter than others
		for b := range all {
			if i < all[b].data {
				all[b].at = append(all[b].at, k)
				k++
			}
		}
	}
	for range ec.GetECCodewordsPerBlock() {
		for b := range all {
			all[b].at = append(all[b].at, k)
			k++
		}
	}
	return all
}

// take returns the codewords of a block and their places in it, the most doubtful first.
func (b blockPlan) take(raw []byte, doubts []float32) (words []byte, weak []int) {
	for i, at := range b.at {
		words, weak = append(words, raw[at]), append(weak, i)
	}
	slices.SortStableFunc(weak, func(i, k int) int { return cmp.Compare(doubts[b.at[k]], doubts[b.at[i]]) })
	return words, weak
}

// settleBlock corrects a block, with more and fewer of its weak codewords erased where it must.
func settleBlock(words []byte, data int, weak []int) bool {
	most := len(words) - data - keptBack
	plain := slices.Clone(words)
	if _, ok := correct(plain, data, capacity(len(words), data)); ok {
		copy(words, plain)
		return true
	}
	for _, share := range fractions {
		copy(plain, words)
		if _, ok := fill(plain, data, weak[:max(0, int(share*float64(most)))], keptBack); ok {
			copy(words, plain)
			return true
		}
	}
	return false
}

// doubts returns how doubtful each codeword is: as its most doubtful module.
func (r *Reader) doubts(size int) []float32 {
	of := r.shades.Doubts()
	var out []float32
	n := 0
	walk(size, r.function(size), 6, func(i int) {
		if n%8 == 0 {
			out = append(out, 0)
		}
		out[n/8] = max(out[n/8], of[i])
		n++
	})
	return out
}
