package fault_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
)

func TestWithOpNamesTheOperationOnce(t *testing.T) {
	inner := fault.Invalid("zone: %q is none", "x")
	named := fault.WithOp("backend.AddCode", inner)
	assert.EqualError(t, named, `backend.AddCode: invalid-request: zone: "x" is none`)
	assert.Empty(t, inner.Op, "an error may be shared, so that it is not changed")
	assert.Same(t, named, fault.WithOp("backend.Other", named), "the first name stays")
	for _, err := range []error{nil, io.EOF, fault.Expired, (*fault.Error)(nil)} {
		assert.Equal(t, err, fault.WithOp("backend.AddCode", err), "%v is no Error", err)
	}
}
