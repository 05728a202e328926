package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
)

func TestErrorIsItsCodeAndWhatLiesUnderneath(t *testing.T) {
	err := fmt.Errorf("till 7: %w", fault.New(fault.Held, "redeem.ReportNow", "the token was refused: %w",
		io.ErrUnexpectedEOF))
	assert.ErrorIs(t, err, fault.Held)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NotErrorIs(t, err, fault.Closed)
	assert.Equal(t, fault.Held, fault.CodeOf(err))
	assert.Equal(t, "till 7: redeem.ReportNow: held: the token was refused: unexpected EOF", err.Error())
}

func TestCodeOf(t *testing.T) {
	assert.Equal(t, fault.Code(""), fault.CodeOf(nil))
	assert.Equal(t, fault.Code(""), fault.CodeOf(io.EOF))
	assert.Equal(t, fault.Expired, fault.CodeOf(fault.Expired))
	outer := fault.New(fault.Malformed, "", "pass: %w", fault.New(fault.TooLarge, "", "400 bytes"))
	assert.Equal(t, fault.Malformed, fault.CodeOf(outer), "the outermost code is the one that counts")
	assert.ErrorIs(t, outer, fault.TooLarge)
}

func ExampleCode() {
	err := fault.New(fault.DiskFull, "redeem.Redeem", "nothing was recorded: make room and scan again")
	fmt.Println(errors.Is(err, fault.DiskFull))
	fmt.Println(err)
	// Output:
	// true
	// redeem.Redeem: disk-full: nothing was recorded: make room and scan again
}
