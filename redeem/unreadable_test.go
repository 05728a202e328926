package redeem_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/trust"
)

// A trouble is a way in which what a running till has on disk cannot be read any more.
type trouble struct {
	name string
	hurt func(t *testing.T, disk *vfs.Memory, dir string)
}

// rot changes a byte in every record of the segments, as they are read from now on.
func rot(t *testing.T, disk *vfs.Memory, dir string) {
	t.Helper()
	const record = 1 // the kind of a record's frame
	rotFrames(t, disk, dir, func(frame []byte) bool { return frame[12] == record })
}

// rotFrames does so in those frames that which names. Headers stay.
func rotFrames(t *testing.T, disk *vfs.Memory, dir string, which func(frame []byte) bool) {
	t.Helper()
	names, err := disk.List(dir)
	require.NoError(t, err)
	for _, name := range names {
		if !strings.HasSuffix(name, ".journal") {
			continue
		}
		name = filepath.Join(dir, name)
		file, err := disk.Open(name, vfs.Write)
		require.NoError(t, err)
		raw := disk.Bytes(name)
		for i := 1024; i+40 < len(raw); i += 8 {
			if string(raw[i:i+4]) == "OLJ1" && which(raw[i:]) {
				_, err := file.WriteAt([]byte{^raw[i+36]}, int64(i+36))
				require.NoError(t, err)
			}
		}
		require.NoError(t, file.Sync())
	}
}

var troubles = []trouble{
	{"its checksum does not fit", rot},
	{"the disk does not read", func(_ *testing.T, disk *vfs.Memory, _ string) {
		disk.Reading = func(name string) error {
			if strings.HasSuffix(name, ".journal") {
				return errors.New("input/output error")
			}
			return nil
		}
	}},
}

// in runs a test with each trouble, in a shop whose till is online.
func (s trouble) in(t *testing.T, test func(t *testing.T, shop *shop, hurt func())) {
	t.Run(s.name, func(t *testing.T) {
		disk := &vfs.Memory{}
		shop := newShop(t)
		shop.disk, shop.dir = disk, "till"
		test(t, shop, func() { s.hurt(t, disk, shop.dir) })
	})
}

func everyTrouble(t *testing.T, test func(t *testing.T, shop *shop, hurt func())) {
	for _, trouble := range troubles {
		trouble.in(t, test)
	}
}

// What cannot be read any more was left out, and the pass was allowed again.
func TestARedemptionThatCannotBeReadIsNotRepeated(t *testing.T) {
	everyTrouble(t, func(t *testing.T, shop *shop, hurt func()) {
		terminal := shop.online(t)
		scanned := pass(t, nil)
		require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "1").Outcome)
		hurt()
		for _, sale := range []string{"2", "1"} {
			d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: sale})
			require.NoError(t, err, "sale %s", sale)
			assert.NotEqual(t, redeem.Allow, d.Outcome, "sale %s: %s", sale, d)
			d, err = terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: sale})
			require.NoError(t, err, "sale %s", sale)
			assert.NotEqual(t, redeem.Allow, d.Outcome, "check of sale %s: %s", sale, d)
			d, err = terminal.Reserve(t.Context(), redeem.Request{Scanned: scanned, SaleKey: sale}, time.Hour)
			require.NoError(t, err, "sale %s", sale)
			assert.NotEqual(t, redeem.Allow, d.Outcome, "reservation of sale %s: %s", sale, d)
		}
		assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "3").Outcome, "another one goes on")
	})
}

// Another sale's reservation cannot be read: whether it holds the offer still is not known.
func TestAReservationThatCannotBeReadIsAskedAbout(t *testing.T) {
	everyTrouble(t, func(t *testing.T, shop *shop, hurt func()) {
		terminal := shop.online(t)
		scanned := pass(t, nil)
		d, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "1"}, time.Hour)
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		hurt()
		d = redeemed(t, terminal, scanned, "2")
		assert.Equal(t, redeem.Ask, d.Outcome, d.String())
		assert.True(t, d.Because(fault.Damaged), d.String())
		d, err = terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "2",
			Override: &redeem.Override{Manager: "ms", Why: "she has the goods"}})
		require.NoError(t, err)
		assert.Equal(t, redeem.Allow, d.Outcome, "a manager may allow it: %s", d)
	})
}

// The sale has another offer that cannot be read: whether the two may be combined is not known.
func TestASaleThatCannotBeReadIsAskedAbout(t *testing.T) {
	everyTrouble(t, func(t *testing.T, shop *shop, hurt func()) {
		terminal := shop.online(t)
		require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "1").Outcome)
		hurt()
		d := redeemed(t, terminal, pass(t, nil), "1")
		assert.Equal(t, redeem.Ask, d.Outcome, d.String())
		assert.True(t, d.Because(fault.Damaged), d.String())
	})
}

// Limits count what the journal has. Of what cannot be read nobody knows what it counts.
func TestLimitsAskWhereTheJournalCannotBeRead(t *testing.T) {
	rotten := troubles[0]
	rotten.in(t, func(t *testing.T, shop *shop, hurt func()) {
		shop.cfg.Policy.PerHour = trust.Allowance{Number: 2}
		shop.cfg.Policy.MaxUnreported = 0
		terminal := shop.online(t)
		for i := range 2 {
			require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), string(rune('a'+i))).Outcome)
		}
		require.NoError(t, terminal.Close())
		terminal = shop.open(t)
		hurt()
		d := redeemed(t, terminal, pass(t, nil), "c")
		assert.Equal(t, redeem.Ask, d.Outcome, "two of two are used, and cannot be read: %s", d)
	})
}

// Money goes out once: what a void took back cannot be read, so that nothing more is given out.
func TestNothingIsTakenBackWhereVoidsCannotBeRead(t *testing.T) {
	everyTrouble(t, func(t *testing.T, shop *shop, hurt func()) {
		terminal := shop.online(t)
		d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "1", Given: euros(500)})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		_, err = terminal.Void(t.Context(), redeem.VoidRequest{Redemption: d.Redemption, Partial: true, Returned: euros(400),
			Key: "r1"})
		require.NoError(t, err)
		hurt()
		_, err = terminal.Void(t.Context(), redeem.VoidRequest{Redemption: d.Redemption, Partial: true, Returned: euros(400),
			Key: "r2"})
		assert.Error(t, err, "of 500 only 100 are left")
	})
}
