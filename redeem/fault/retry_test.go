package fault_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
)

func TestRetryAfterRidesOnTheErrorAndHidesNothing(t *testing.T) {
	busy := fault.New(fault.TooManyRequests, "transport.Report", "the backend is busy")
	err := fmt.Errorf("till 7: %w", fault.WithRetryAfter(busy, time.Minute))
	assert.Equal(t, time.Minute, fault.RetryAfter(err))
	assert.ErrorIs(t, err, fault.TooManyRequests)
	assert.Equal(t, fault.TooManyRequests, fault.CodeOf(err))
	assert.Equal(t, "till 7: "+busy.Error(), err.Error())
}

func TestRetryAfterIsZeroWhereNobodyAsked(t *testing.T) {
	assert.Zero(t, fault.RetryAfter(nil))
	assert.Zero(t, fault.RetryAfter(fault.Unreachable))
	assert.NoError(t, fault.WithRetryAfter(nil, time.Minute))
	assert.Equal(t, fault.Unreachable, fault.WithRetryAfter(fault.Unreachable, 0))
}
