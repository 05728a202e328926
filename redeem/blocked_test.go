package redeem_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A release that was taken back cannot read what the newer one wrote.
func TestARecordThatThisReleaseCannotReadBlocksNoOther(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	require.NoError(t, terminal.Close())
	ctx := vfs.WithFS(t.Context(), shop.disk)
	log, err := journal.Open(ctx, shop.dir, journal.Config{SegmentSize: 16 << 10})
	require.NoError(t, err)
	require.NoError(t, log.Append(ctx, func(*journal.View) ([]journal.Entry, error) {
		return []journal.Entry{{ID: journal.ID{7}, Payload: []byte("of tomorrow")}}, nil
	}))
	require.NoError(t, log.Close())
	terminal = shop.open(t)
	redeemSome(t, terminal, 3)
	for range 6 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	assert.Equal(t, []uint64{2, 3, 4}, desk.numbers())
	assert.Equal(t, []uint64{1}, asideOf(terminal))
	assert.Equal(t, fault.InvalidRequest, terminal.Status().SetAside[0].Code)
}

func TestAVerdictOnADamagedRecordKeepsNoOtherVerdictBack(t *testing.T) {
	shop := newShopOnDisk(t)
	terminal := shop.online(t)
	var received []record.Verdict
	shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
		a, err := shop.desk.allWait(a)
		received = slices.Concat(received, a.Items)
		return a, err
	}
	redeemSome(t, terminal, 2)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Len(t, received, 2)
	damage(t, shop.dir, received[0].Record[:])
	shop.desk.spoil = nil
	shop.desk.judgeLater(received[0], record.Rejected)
	shop.desk.judgeLater(received[1], record.Rejected)
	require.NoError(t, terminal.ReportNow(t.Context()))
	verdicts := collect(t, terminal)
	require.Len(t, verdicts, 1)
	assert.Equal(t, received[1].Record, verdicts[0].Record)
	require.NoError(t, terminal.ReportNow(t.Context()))
}

// allWait answers that every record was received.
func (d *desk) allWait(a record.Answer) (record.Answer, error) {
	for i, v := range a.Items {
		a.Items[i] = record.Verdict{Record: v.Record, Hash: v.Hash, Status: record.Received, Judged: v.Judged}
	}
	d.verdicts = d.verdicts[:0]
	a.Later, a.Cursor = nil, 0
	return a, nil
}

// damage changes a byte of every frame of the journal in which these bytes stand first.
func damage(t *testing.T, dir string, within []byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	require.NoError(t, err)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		if i := bytes.Index(raw, within); i >= 0 {
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = f.WriteAt([]byte{raw[i+60] ^ 1}, int64(i+60))
			require.NoError(t, err)
			require.NoError(t, f.Close())
			return
		}
	}
	t.Fatal("the record is not in the journal")
}
