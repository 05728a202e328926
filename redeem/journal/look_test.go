package journal_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

func TestReadSeesWhatAnAppendSees(t *testing.T) {
	dir := vfstest.Folder(t)
	l := open(t, dir, journal.Config{})
	put(t, l, redemption(1))
	find := func(l *journal.Log) (ids []journal.ID) {
		require.NoError(t, l.Read(t.Context(), func(v *journal.View) (err error) {
			ids, err = v.Find("sale 1")
			return err
		}), "a log that can be read")
		return ids
	}
	assert.Equal(t, []journal.ID{id(1)}, find(l), "the record that was appended")
	require.NoError(t, l.Close())
	assert.ErrorIs(t, l.Read(t.Context(), func(*journal.View) error { return nil }), fault.Closed, "after Close")

	reader := open(t, dir, journal.Config{ReadOnly: true})
	assert.Equal(t, []journal.ID{id(1)}, find(reader), "a log that was opened for reading only")
}

func TestReadReturnsWhatItsCallbackReturns(t *testing.T) {
	l := open(t, vfstest.Folder(t), journal.Config{})
	why := errors.New("no")
	assert.Equal(t, why, l.Read(t.Context(), func(*journal.View) error { return why }), "the callback's own error")

	ended, end := context.WithCancel(t.Context())
	end()
	err := l.Read(ended, func(*journal.View) error { t.Error("nothing is looked at"); return nil })
	assert.ErrorIs(t, err, context.Canceled, "a context that has ended")
}
