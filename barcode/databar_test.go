package barcode

import (
	"context"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/stretchr/testify/require"
)

func TestDataBarIsTransmittedAsAnElementString(t *testing.T) {
	s := Scanner{Formats: []Format{DataBar}}
	got, err := s.Scan(context.Background(), databartest.Draw(3, databartest.Omnidirectional("20012345678909", 33,
		false)...))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "]e00120012345678909", got[0].Transmitted())
	_, text := gs1.CutAIM(got[0].Transmitted())
	elements, err := gs1.Parse(text)
	require.NoError(t, err)
	require.Equal(t, "20012345678909", elements[0].Value)
}

// The halves of two symbols that stand beside each other are no symbol.
func TestHalvesOfTwoDataBarsAreNotJoined(t *testing.T) {
	a := databartest.DrawStacked("00012345678905", 33, 33)
	b := databartest.DrawStacked("20012345678909", 33, 33)
	s := Scanner{Formats: []Format{DataBar}}
	got, err := s.Scan(context.Background(), databartest.Draw(3, a[0], a[1], b[2]))
	require.NoError(t, err)
	require.Empty(t, got)
}

// An expanded symbol with a row missing says nothing.
func TestAMissingRowIsNotGuessed(t *testing.T) {
	rows := databartest.DrawExpanded(databartest.Characters("019889876543210615991231"+strings.Repeat("9", 20)), 1, 34)
	s := Scanner{Formats: []Format{DataBarExpanded}}
	for skip := 0; skip < len(rows); skip += 2 {
		left := append(append([]databartest.Row(nil), rows[:skip]...), rows[skip+1:]...)
		got, err := s.Scan(context.Background(), databartest.Draw(3, left...))
		require.NoError(t, err)
		require.Empty(t, got, "without row %d", skip/2)
	}
}
