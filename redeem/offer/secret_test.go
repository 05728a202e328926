package offer_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
)

func TestWhatWasPresentedDoesNotPrintItsSecret(t *testing.T) {
	for _, text := range []string{issue(t, house, samplePass()), sample.Code(), sample.Digits()} {
		p, err := offer.Parse(text)
		require.NoError(t, err)
		asJSON, err := json.Marshal(p)
		require.NoError(t, err)
		for how, printed := range map[string]string{"json.Marshal": string(asJSON), "%+v": fmt.Sprintf("%+v", p)} {
			assert.NotContains(t, printed, p.ID.Code(), "the short code by %s", how)
			assert.NotContains(t, printed, fmt.Sprintf("%x", p.ID[:]), "the bytes by %s", how)
		}
	}
	asJSON, err := json.Marshal(samplePass())
	require.NoError(t, err)
	assert.NotContains(t, string(asJSON), sample.Code(), "the short code of a pass")
}
