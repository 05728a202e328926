package journal_test

import (
	"bytes"
	"crypto/sha256"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

// attached is a redemption with an attachment, of another length for each number; every fourth has none.
func attached(n int) journal.Entry {
	e := redemption(n)
	e.Attachment = attachmentOf(n)
	return e
}

func attachmentOf(n int) []byte {
	if n%4 == 0 {
		return nil
	}
	return bytes.Repeat([]byte{byte(n)}, 1+n*37%700)
}

// TestAttachmentIsKeptWithItsRecord reads records in every way that there is, through their whole life, from a journal
// that is open, opened again, opened from a snapshot and opened for reading only.
func TestAttachmentIsKeptWithItsRecord(t *testing.T) {
	t.Parallel()
	for name, key := range map[string][]byte{"plain": nil, "encrypted": make([]byte, 32)} {
		t.Run(name, func(t *testing.T) {
			dir, cfg := vfstest.Folder(t), journal.Config{SegmentSize: 16 << 10, Key: key}
			l := open(t, dir, cfg)
			again := func(readOnly bool) {
				require.NoError(t, l.Close())
				cfg.ReadOnly = readOnly
				l = open(t, dir, cfg)
				assert.Empty(t, l.Damage())
			}
			const records = 300
			putMany(t, l, records, attached)
			assertAttachments(t, l, records)
			again(false)
			assertAttachments(t, l, records)
			require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(1)},
				{Ref: id(2), HandOver: true}, {Ref: id(3), Quarantine: true}}, nil))
			assertAttachments(t, l, records)
			require.NoError(t, l.Requeue(t.Context(), id(1), id(3)))
			again(true)
			assertAttachments(t, l, records)
			again(false)
			require.NoError(t, l.Close())
			require.FileExists(t, filepath.Join(dir, "index.snapshot"))
			l = open(t, dir, cfg)
			assertAttachments(t, l, records)
			require.NoError(t, l.Verify(t.Context()))
			assert.Empty(t, l.Damage())
		})
	}
}

func assertAttachments(t *testing.T, l *journal.Log, records int) {
	t.Helper()
	all := collect(t, l.History())
	require.Len(t, all, records)
	pending, err := l.Pending(records, 1<<20)
	require.NoError(t, err)
	require.Len(t, pending, l.Stats().Pending)
	all = append(all, pending...)
	all = append(append(all, collect(t, l.Verdicts())...), collect(t, l.Quarantined())...)
	for n := range records {
		s, ok, err := l.Get(id(n + 1))
		require.NoError(t, err)
		require.True(t, ok, "the journal has the record")
		all = append(all, s)
	}
	for _, s := range all {
		assertAttached(t, &s)
	}
}

func assertAttached(t *testing.T, s *journal.Stored) {
	t.Helper()
	n := int(s.ID[15]) | int(s.ID[14])<<8
	want := attached(n)
	assert.Equal(t, want.Attachment, s.Attachment, "record %d", n)
	assert.Equal(t, want.Payload, s.Payload, "record %d", n)
	assert.Equal(t, sha256.Sum256(want.Payload), s.Hash(), "record %d", n)
}

// TestAttachmentIsNotInTheChain compares two journals of which one has attachments: what the next record names is the
// same.
func TestAttachmentIsNotInTheChain(t *testing.T) {
	with, without := open(t, vfstest.Folder(t), journal.Config{}), open(t, vfstest.Folder(t), journal.Config{})
	for n := range 4 {
		put(t, with, attached(n+1))
		put(t, without, redemption(n+1))
		see(t, with, func(v *journal.View) {
			number, prev := v.Next()
			s, ok, err := v.Get(id(n + 1))
			require.NoError(t, err)
			require.True(t, ok, "the journal has the record")
			assertAttached(t, &s)
			see(t, without, func(v *journal.View) {
				otherNumber, otherPrev := v.Next()
				assert.Equal(t, otherNumber, number)
				assert.Equal(t, otherPrev, prev)
			})
		})
	}
}

// An attachment that is given and empty is none.
func TestEmptyAttachmentIsNone(t *testing.T) {
	l, again := reopened(t)
	e := redemption(1)
	e.Attachment = []byte{}
	put(t, l, e)
	l = again()
	s, ok, err := l.Get(e.ID)
	require.NoError(t, err)
	require.True(t, ok, "the journal has the record")
	assert.Nil(t, s.Attachment)
	assert.Equal(t, e.Payload, s.Payload)
}

// TestAttachmentIsCarriedWithThePayload gives back the segment of records of which some keep their payload, twice.
func TestAttachmentIsCarriedWithThePayload(t *testing.T) {
	t.Parallel()
	dir := vfstest.Folder(t)
	now := newClock()
	cfg := journal.Config{SegmentSize: 16 << 10, Key: make([]byte, 32), Now: now.time}
	l := open(t, dir, cfg)
	for n := range 3 {
		e := attached(n + 1)
		e.KeepUntil = now.time().Add(2_000_000 * time.Hour)
		put(t, l, e)
	}
	require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(3)},
		{Ref: id(1), HandOver: true}, {Ref: id(2), Quarantine: true}}, nil))
	for returned, n := uint64(0), 10; returned < 40; n++ {
		e := attached(n)
		e.Payload = make([]byte, 4000)
		put(t, l, e)
		require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: e.ID}}, nil))
		now.pass(1000 * time.Hour)
		require.NoError(t, l.Tidy(t.Context()))
		returned = l.Stats().Returned
	}
	for range 2 {
		for n := range 3 {
			s, ok, err := l.Get(id(n + 1))
			require.NoError(t, err)
			require.True(t, ok, "the journal has the record")
			if n < 2 {
				assertAttached(t, &s)
				continue
			}
			assert.Nil(t, s.Payload)
			assert.Nil(t, s.Attachment, "it goes with the payload")
		}
		require.NoError(t, l.Close())
		l = open(t, dir, cfg)
	}
	require.NoError(t, l.Requeue(t.Context(), id(2)))
	pending, err := l.Pending(10, 1<<20)
	require.NoError(t, err)
	require.Len(t, pending, 1)
	assertAttached(t, &pending[0])
}
