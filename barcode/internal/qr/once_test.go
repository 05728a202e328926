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
	r.findOnce(b, 2)
	want := append([]finder(nil), r.finders[0]...)
	require.GreaterOrEqual(t, len(want), 3, "a symbol has three finder patterns")

	clear(r.finders[0])
	r.findOnce(b, 2)
	assert.Equal(t, want, r.finders[0], "the second look finds what the first one did")

	clear(b.Words)
	r.findOnce(b, 2)
	assert.Equal(t, want, r.finders[0], "rows that were looked at are not looked at again")
	r.findOnce(b, 1)
	assert.Empty(t, r.finders[0], "other rows are looked at")
	r.Begin()
	r.findOnce(b, 2)
	assert.Empty(t, r.finders[0], "after Begin the rows are looked at again")
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
