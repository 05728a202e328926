package redeem

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A wall is a clock whose machine stands in some zone.
type wall struct{ location *time.Location }

func (w wall) Read() Reading { return Reading{Wall: time.Unix(0, 0).In(w.location), Boot: "b"} }

func TestDaysAreReckonedInTheStoresZone(t *testing.T) {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip("this machine has no time zones:", err)
	}
	here := time.FixedZone("here", 3600)
	for name, c := range map[string]struct {
		file string
		want string
	}{
		"not enrolled": {`{"version":1,"terminal":"01000000000000000000000000000000"}`, "here"},
		"enrolled": {`{"version":1,"terminal":"01000000000000000000000000000000","token":"t",
			"zone":"Europe/Berlin"}`, "Europe/Berlin"},
		"before there were": {`{"version":1,"terminal":"01000000000000000000000000000000","token":"t"}`, "UTC"},
		"a zone of tomorrow": {`{"version":1,"terminal":"01000000000000000000000000000000","token":"t",
			"zone":"Mars/Olympus"}`, "here"},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := parseIdentity([]byte(c.file))
			require.NoError(t, err)
			machine := wall{here}.Read().Wall
			assert.Equal(t, c.want, id.zone(machine).String())
		})
	}
}
