package journal_test

import (
	"context"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

func TestFullDiskRefusesRedemptionsWhileAnswersAndVoidsGoIntoTheReserve(t *testing.T) {
	var full atomic.Bool
	fs := &vfs.Memory{Before: func(op vfs.Operation) error {
		if full.Load() && op.Kind == "create" {
			return syscall.ENOSPC
		}
		return nil
	}}
	ctx := vfs.WithFS(t.Context(), fs)
	l, err := journal.Open(ctx, "j", journal.Config{SegmentSize: 64 << 10})
	require.NoError(t, err)
	add := func(e journal.Entry) error {
		return l.Append(ctx, func(*journal.View) ([]journal.Entry, error) { return []journal.Entry{e}, nil })
	}
	require.NoError(t, add(redemption(1)))
	full.Store(true)
	n := 1
	for err = nil; err == nil && n < 10_000; {
		n++
		err = add(redemption(n))
	}
	require.ErrorIs(t, err, fault.DiskFull)
	assert.Equal(t, n-1, l.Stats().Pending, "nothing was recorded of the one that failed")
	assert.True(t, l.Stats().Reserve, "only the reserve is left")

	for i := range 100 {
		require.NoError(t, l.Settle(ctx, []journal.Settlement{{Ref: id(i + 1), HandOver: true, Payload: []byte("duplicate")}},
			nil))
		require.NoError(t, l.HandOver(ctx, id(i+1)))
	}
	require.NoError(t, add(journal.Entry{ID: id(1 << 20), Ref: id(5), Uses: -1, CountedKeys: []string{"offer 5"}}))
	assert.ErrorIs(t, add(redemption(n)), fault.DiskFull)

	full.Store(false)
	require.NoError(t, add(redemption(n)))
	require.NoError(t, l.Close())
	l, err = journal.Open(ctx, "j", journal.Config{SegmentSize: 64 << 10})
	require.NoError(t, err)
	defer l.Close()
	assert.Equal(t, 100, l.Stats().Settled)
	assert.Equal(t, n-100+1, l.Stats().Pending)
	assert.Empty(t, l.Damage())
}

func TestEndedContextStopsACallBeforeItsWriteOnly(t *testing.T) {
	l := open(t, vfstest.Folder(t), journal.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, l.Append(ctx, func(*journal.View) ([]journal.Entry, error) {
		cancel()
		return []journal.Entry{redemption(1)}, nil
	}))
	assert.ErrorIs(t, l.Append(ctx, nil), context.Canceled)
	assert.Equal(t, 1, l.Stats().Pending)
}

func TestEntriesOutOfRangeAreRefusedAndNothingIsWritten(t *testing.T) {
	l := open(t, vfstest.Folder(t), journal.Config{})
	put(t, l, redemption(1))
	for name, c := range map[string]struct {
		entry journal.Entry
		code  fault.Code
	}{
		"no id":          {journal.Entry{}, fault.InvalidRequest},
		"id used before": {redemption(1), fault.Conflict},
		"too many keys": {journal.Entry{ID: id(2), CountedKeys: []string{"a", "b", "c"}, LookupKeys: []string{"d", "e"}},
			fault.InvalidRequest},
		"empty key": {journal.Entry{ID: id(2), CountedKeys: []string{""}}, fault.InvalidRequest},
		"long key": {journal.Entry{ID: id(2), CountedKeys: []string{string(make([]byte, 257))}},
			fault.InvalidRequest},
		"uses without Ref": {journal.Entry{ID: id(2), Uses: -1}, fault.InvalidRequest},
		"large payload":    {journal.Entry{ID: id(2), Payload: make([]byte, journal.MaxPayload+1)}, fault.TooLarge},
		"large attachment": {journal.Entry{ID: id(2), Attachment: make([]byte, journal.MaxAttachment+1)}, fault.TooLarge},
		"attached note":    {journal.Entry{Slot: "s", Attachment: []byte{1}}, fault.InvalidRequest},
		"record with slot": {journal.Entry{ID: id(2), Slot: "s"}, fault.InvalidRequest},
		"long slot":        {journal.Entry{Slot: string(make([]byte, 257))}, fault.InvalidRequest},
	} {
		err := l.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) {
			return []journal.Entry{redemption(7), c.entry}, nil
		})
		assert.ErrorIs(t, err, c.code, name)
	}
	assert.ErrorIs(t, l.PutNote(t.Context(), "", nil), fault.InvalidRequest, "a note without a slot")
	largest := journal.Entry{ID: id(3), Payload: make([]byte, journal.MaxPayload),
		Attachment: make([]byte, journal.MaxAttachment)}
	put(t, l, largest)
	s, ok, err := l.Get(largest.ID)
	require.NoError(t, err)
	assert.True(t, ok, "the journal has the record")
	assert.Len(t, s.Payload, journal.MaxPayload)
	assert.Len(t, s.Attachment, journal.MaxAttachment)
	assert.Equal(t, 2, l.Stats().Pending)
}

func TestLargestPayloadFitsTheSmallestSegments(t *testing.T) {
	dir := vfstest.Folder(t)
	l := open(t, dir, journal.Config{SegmentSize: 16 << 10})
	for n := range 5 {
		e := redemption(n + 1)
		e.Payload, e.Attachment = make([]byte, journal.MaxPayload), make([]byte, journal.MaxAttachment)
		put(t, l, e)
	}
	require.NoError(t, l.Close())
	l = open(t, dir, journal.Config{SegmentSize: 16 << 10})
	assert.Equal(t, 5, l.Stats().Pending)
	assert.Empty(t, l.Damage())
}
