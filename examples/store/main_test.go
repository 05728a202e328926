package main

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
)

var (
	rounds = flag.Int("rounds", 0, "how many stores have trouble; 0: the test is left out")
	seed   = flag.Uint64("seed", 1, "where the trouble of the first one starts")
)

// TestMain is the program itself where a test started it as the hub or as a lane.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-as") {
		main()
		return
	}
	emulator = strings.Fields(os.Getenv("OFFLANE_EXEC"))
	os.Exit(m.Run())
}

func TestEveryOfferIsRedeemedAtOneOfItsTwoLanes(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-lanes", "3", "-offers", "60", "-internet", "off", "-timeout", "20s"},
		&out))
	assert.Regexp(t, `60 offers at 3 lanes in .*: 60 allowed, 60 refused, of which 60 name the lane`, out.String())
	assert.Contains(t, out.String(), "60 offers stand in the journals, 0 of them twice, 0 without")
}

// Programs are killed and stopped for a while, and lines are cut, slow or one-way: no offer is doubled by lanes that
// the hub answered in one epoch.
func TestTroubleDoublesNothingThatDoesNotSayWhy(t *testing.T) {
	if *rounds == 0 {
		t.Skip("it is played with the flag -rounds")
	}
	for n := range *rounds {
		seed := strconv.FormatUint(*seed+uint64(n), 10)
		t.Run("seed "+seed, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), []string{"-lanes", "3", "-offers", "100", "-trouble", "6", "-at-once", "4",
				"-every", "20ms", "-timeout", "500ms", "-lease", "1s", "-seed", seed}, &out), &out)
			assert.Contains(t, out.String(), "0 without a record that says why")
			assert.Contains(t, out.String(), "100 offers at 3 lanes")
			t.Log(&out)
		})
	}
}

func TestWhatTheProgramDoesNotPlay(t *testing.T) {
	for _, args := range [][]string{{"-internet", "on"}, {"-lanes", "1"}, {"-offers", "0"}, {"x"}, {"-as", "x"},
		{"-trouble", "-1"}} {
		assert.Error(t, run(t.Context(), args, &bytes.Buffer{}), "%q", args)
	}
}

func TestDoublesThatAreExplained(t *testing.T) {
	alone := used{Notes: nil}
	for what, c := range map[string]struct {
		all  []used
		want bool
	}{
		"both by the hub's word":  {[]used{{Epoch: 1}, {Epoch: 1}}, false},
		"two epochs":              {[]used{{Epoch: 1}, {Epoch: 2}}, true},
		"a manager":               {[]used{{Epoch: 1}, {Epoch: 1, Override: true}}, true},
		"the hub was away":        {[]used{{Epoch: 1}, {Notes: []record.Note{record.HubUnreachable}}}, true},
		"a record without a word": {[]used{{Epoch: 1}, alone}, false},
	} {
		assert.Equal(t, c.want, isExplained(c.all), what)
		assert.Equal(t, !c.want, reasonOf(c.all) == "no record says why", what)
	}
}
