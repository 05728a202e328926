package format

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStatusHoldsStateFlagsAndUses(t *testing.T) {
	for _, uses := range []int8{0, 1, 100, -3} {
		s := NewStatus(Settled, uses, FlagDue|FlagPayload)
		assert.Equal(t, Settled, s.State())
		assert.Equal(t, uses, s.Uses())
		assert.True(t, s.Is(FlagDue) && s.Is(FlagPayload) && !s.Is(FlagVoided), "its flags")
		other := s.WithState(Quarantined).WithUses(5)
		assert.Equal(t, NewStatus(Quarantined, 5, FlagDue|FlagPayload), other)
		assert.Equal(t, uint8(FlagDue|FlagPayload)|uint8(Quarantined), other.DiskByte(), "the uses are not in it")
	}
	assert.Equal(t, []string{"pending", "settled", "quarantined", "unknown"},
		[]string{Pending.String(), Settled.String(), Quarantined.String(), State(3).String()})
}

func TestStatusSaysWhetherAVerdictIsDue(t *testing.T) {
	for _, c := range []struct {
		state State
		flags Status
		due   bool
		keeps bool
	}{
		{Settled, 0, false, false},
		{Settled, FlagDue, true, true},
		{Settled, FlagDue | FlagHandedOver, false, false},
		{Settled, FlagHandedOver, false, false},
		{Quarantined, 0, false, true},
		{Quarantined, FlagDue | FlagHandedOver, false, true},
		{Pending, 0, false, false},
	} {
		s := NewStatus(c.state, 1, c.flags)
		assert.Equal(t, c.due, s.Due(), "%s, flags %d", c.state, c.flags)
		assert.Equal(t, c.keeps, s.KeepsPayload(), "%s, flags %d", c.state, c.flags)
	}
}

func TestIDsAreShortInLogs(t *testing.T) {
	assert.Equal(t, "01020304…", ID{1, 2, 3, 4, 5}.String())
	assert.True(t, ID{}.IsZero(), "no id")
	assert.False(t, ID{15: 1}.IsZero(), "an id")
	assert.NotEqual(t, KeyHash([16]byte{1}, "k"), KeyHash([16]byte{2}, "k"), "the salt counts")
	assert.NotEqual(t, KeyHash([16]byte{1}, "k"), KeyHash([16]byte{1}, "l"), "the key counts")
}
