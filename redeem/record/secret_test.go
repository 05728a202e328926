package record_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
)

// A program that prints records, to a log or for support staff, must not print what redeems the offers.
func TestARecordDoesNotPrintTheOffersSecret(t *testing.T) {
	r := sample(1, record.Hash{})
	asJSON, err := json.Marshal(r)
	require.NoError(t, err)
	within, err := json.Marshal(map[string]any{"records": []record.Record{r}, "item": &record.Item{Record: r}})
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("redeemed", "record", r)
	for how, printed := range map[string]string{
		"json.Marshal": string(asJSON), "json.Marshal of what holds it": string(within), "a log": log.String(),
		"%v": fmt.Sprint(r), "%+v": fmt.Sprintf("%+v", r),
	} {
		assert.NotContains(t, printed, r.Offer.Code(), "the short code by %s", how)
		assert.NotContains(t, printed, r.Offer.Digits(), "the digits by %s", how)
		assert.NotContains(t, printed, fmt.Sprintf("%x", r.Offer[:]), "the bytes by %s", how)
	}
}
