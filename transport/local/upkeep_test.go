package local_test

import (
	"context"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
)

// A tap keeps the trust bundle that comes through it, or keeps it away from its terminal.
type tap struct {
	redeem.Reporter
	closed bool
	kept   []byte
}

func (r *tap) Bundle(ctx context.Context, token string, have uint64) ([]byte, error) {
	data, err := r.Reporter.Bundle(ctx, token, have)
	if len(data) > 0 {
		r.kept = data
	}
	if r.closed {
		return nil, err
	}
	return data, err
}

func TestABundleIsInstalledByHandAndAKeyChanged(t *testing.T) {
	shop := newShop(t)
	through := &tap{closed: true}
	till := shop.enrolled(t, "1", func(c *redeem.Config) {
		through.Reporter = c.Reporter
		c.Reporter = through
	})
	require.NotEmpty(t, through.kept, "the backend has a bundle")
	assert.Nil(t, till.call(t, "status", object{})["bundle"], "it did not come")
	till.call(t, "install-bundle", object{"bundle": base64.StdEncoding.EncodeToString(through.kept)})
	assert.Positive(t, till.call(t, "status", object{})["bundle"], "it came by hand")

	till.call(t, "rotate-key", object{"waitSeconds": 30})
	assert.Equal(t, true, till.call(t, "status", object{})["enrolled"])
	d := till.call(t, "redeem", object{"scanned": shop.backend.Accept(t, "coffee", 1)[0], "saleKey": "1"})
	assert.Equal(t, "allow", d["outcome"])
}
