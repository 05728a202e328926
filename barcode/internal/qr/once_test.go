package qr

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRowsAreSearchedOnceAPicture holds that a second look at the same rows finds what the first one did, whatever
// became of that, and that Begin and another step look anew.
func TestRowsAreSearchedOnceAPicture(t *testing.T) {
	g, _ := turned(t, 4, 0.3, 0)
	var z pix.Binarizer
	b := z.Local(g)
	var r Reader
	first := r.findOnce(b, 2)[0]
	want := append([]finder(nil), first...)
	require.GreaterOrEqual(t, len(want), 3, "a symbol has three finder patterns")

	r.findAll(b, 1)
	assert.Equal(t, want, r.findOnce(b, 2)[0], "the second look finds what the first one did")

	first[0].judgeOnce(b, 0.5)
	clear(b.Words)
	again := r.findOnce(b, 2)[0]
	assert.Equal(t, 0.5, again[0].judged, "what was judged stays")
	again[0].judgeOnce(b, 0.7)
	assert.True(t, again[0].fine, "what follows from what was judged is not judged again")
	assert.Empty(t, r.findOnce(b, 1)[0], "other rows are looked at")
	r.Begin()
	assert.Empty(t, r.findOnce(b, 2)[0], "after Begin the rows are looked at again")
}

// TestSheetsAreNotKept holds that what is found in a picture is kept up to a bound.
func TestSheetsAreNotKept(t *testing.T) {
	g, _ := turned(t, 4, 0, 0)
	var z pix.Binarizer
	b := z.Local(g)
	var r Reader
	r.findAll(b, 1)
	one := len(r.finders[0]) + len(r.finders[1])
	for _, test := range []struct {
		most int
		kept int
	}{{one, 1}, {one - 1, 0}} {
		r.Begin()
		r.findWithin(b, 1, test.most)
		assert.Len(t, r.kept, test.kept, "%d found where at most %d are kept", one, test.most)
	}
}
