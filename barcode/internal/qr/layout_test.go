package qr

import (
	"math/rand/v2"
	"testing"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// code is one of a version and level that random text fills, always the same.
func code(t *testing.T, version int, level byte) *qrtest.Code {
	t.Helper()
	c, err := qrtest.Fill(version, level, rand.New(rand.NewPCG(uint64(version), uint64(level))))
	require.NoError(t, err, "version %d-%c is drawn", version, level)
	return c
}

// modulesOf are those of a code.
func modulesOf(c *qrtest.Code) *modules {
	m := new(modules)
	m.resize(c.Size)
	for i := range m.dark {
		m.dark[i] = c.Dark(i%c.Size, i/c.Size)
	}
	return m
}

func TestAlignmentPatternsStandWhereTheTableSays(t *testing.T) {
	for number := 1; number <= 40; number++ {
		version, err := decoder.Version_GetVersionForNumber(number)
		require.NoError(t, err, "version %d", number)
		want := version.GetAlignmentPatternCenters()
		got := alignmentLines(17 + 4*number)
		assert.ElementsMatch(t, want, got, "version %d", number)
	}
}

func TestFixedModulesAreThoseOfEveryVersion(t *testing.T) {
	for version := 1; version <= 40; version++ {
		c := code(t, version, 'L')
		for _, f := range fixedModules(c.Size) {
			x, y := int(f.u), int(f.v)
			if f.u >= 0 && f.v >= 0 && c.Dark(x, y) != f.dark {
				t.Fatalf("version %d: module %d, %d is dark: %v", version, x, y, !f.dark)
			}
		}
	}
}

func TestEveryVersionAndLevelIsDecoded(t *testing.T) {
	var r Reader
	for version := 1; version <= 40; version++ {
		for i, level := range []byte("LMQH") {
			if version > 10 && version%4 != i {
				continue // each large one in one level
			}
			c := code(t, version, level)
			m := modulesOf(c)
			if version%2 == 0 {
				m.transpose()
			}
			s, ok := r.decode(m)
			require.True(t, ok, "version %d-%c is decoded", version, level)
			assert.True(t, c.Text == s.Text, "version %d-%c", version, level)
			assert.Equal(t, version%2 == 0, s.mirrored, "version %d-%c is mirrored", version, level)
			assert.InDelta(t, 1, s.Quality.UnusedCorrection, 0, "version %d-%c has no error", version, level)
		}
	}
}

func TestVersionInformationWithThreeWrongBits(t *testing.T) {
	assert.EqualValues(t, 0x07c94, versionWord(7), "ISO/IEC 18004, annex D")
	assert.EqualValues(t, 0x28c69, versionWord(40), "ISO/IEC 18004, annex D")
	for version := 7; version <= 40; version++ {
		word := versionWord(uint32(version))
		for i := range 18 {
			wrong := word ^ 1<<i ^ 1<<((i+5)%18) ^ 1<<((i+11)%18)
			assert.Equal(t, version, versionOf(wrong), "version %d, %018b", version, wrong)
		}
	}
	assert.Zero(t, versionOf(versionWord(6)^0x1f), "there is no information for version 6")
}
