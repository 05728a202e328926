package record_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor/cddltest"
	"github.com/offlane/offlane/redeem/record"
)

func schema(t testing.TB) *cddltest.Schema {
	t.Helper()
	return cddltest.Load(t, filepath.Join("testdata", "record.cddl"))
}

func TestTheGoldenFilesAreWhatTheCDDLSays(t *testing.T) {
	s := schema(t)
	for name, rule := range map[string]string{
		"record-v1":                    "record",
		"correction-v1":                "record",
		"heading-v1":                   "heading",
		"verdict-v1":                   "verdict",
		"statement-v1":                 "statement",
		"notice-v1":                    "notice",
		"time-correction-v1":           "time-correction",
		"signed-v1":                    "signed",
		"heading-signature-v1":         "",
		"statement-signature-v1":       "",
		"notice-signature-v1":          "",
		"time-correction-signature-v1": "",
		"time-signature-v1":            "",
		"rotation-signature-v1":        "",
		"enrolment-proof-v1":           "",
		"rotated-proof-v1":             "",
	} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".hex"))
		require.NoError(t, err)
		raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
		require.NoError(t, err)
		if rule == "" {
			assert.Len(t, raw, ed25519.SignatureSize, "%s is a signature", name)
			continue
		}
		assert.NoError(t, s.Check(rule, raw), "%s", name)
	}
}

func TestTheCDDLHasTheKeysThatGoHas(t *testing.T) {
	s := schema(t)
	for rule, of := range map[string]any{
		"record":          record.Record{},
		"place":           record.Place{},
		"money":           record.Money{},
		"sale":            record.Sale{},
		"evidence":        record.Evidence{},
		"override":        record.Override{},
		"turned":          record.Turned{},
		"claim":           record.Claim{},
		"heading":         record.Heading{},
		"range":           record.Range{},
		"forgotten":       record.Forgotten{},
		"verdict":         record.Verdict{},
		"first":           record.First{},
		"statement":       record.Statement{},
		"notice":          record.Notice{},
		"time-correction": record.TimeCorrection{},
		"withdrawal":      record.Withdrawal{},
		"signed":          record.Kept{},
		"enrolment":       record.Enrolment{},
		"rotation":        record.Rotation{},
	} {
		assert.NoError(t, s.CheckKeys(rule, of))
	}
}

func TestRecordsAreWhatTheCDDLSays(t *testing.T) {
	s := schema(t)
	rapid.Check(t, func(t *rapid.T) {
		raw, err := anyRecord().Draw(t, "record").Encode()
		require.NoError(t, err)
		require.NoError(t, s.Check("record", raw))
	})
}

// fullHeading has everything that a heading can have.
func fullHeading() record.Heading {
	h := heading()
	h.Waiting, h.LostFrom = 3, 9
	h.Lost, h.Aside = []record.Range{{First: 1, Last: 2}}, []record.Range{{First: 4, Last: 4}}
	h.Forgotten = &record.Forgotten{Noticed: 5, Causes: []record.Cause{record.CauseMark}, Above: 6, Through: 7,
		Ended: &record.Override{Manager: "m", Why: "w", Reasons: []fault.Code{fault.MayHaveForgotten}}}
	return h
}

func TestWhatIsSignedIsWhatTheCDDLSays(t *testing.T) {
	s, public := schema(t), key(2).Public().(ed25519.PublicKey)
	report, err := record.Seal(fullHeading(), chain(t, 2), key(1))
	require.NoError(t, err)
	assert.NoError(t, s.Check("heading", report.Heading), "a report's heading")
	verdict, err := record.Verdict{Number: 1, Record: record.ID{1}, Status: record.Duplicate,
		Reason: fault.RedeemedElsewhere, Detail: "d",
		First:  &record.First{Place: record.Place{Merchant: "m"}, Record: record.ID{2}, Redeemed: 1, Committed: 2},
		Booked: &record.Money{Amount: 3, Currency: "EUR"}, Judged: 4}.Encode()
	require.NoError(t, err)
	assert.NoError(t, s.Check("verdict", verdict), "a verdict")
	at, err := record.SignTime(time.UnixMilli(5), 6, "k1", key(1))
	require.NoError(t, err)
	moment, err := record.ServerTimeBytes(at)
	require.NoError(t, err)
	assert.NoError(t, s.Check("server-time", moment), "a signed moment")
	rotation, err := record.Rotate(record.TerminalID{2}, key(1), public, 41)
	require.NoError(t, err)
	for _, e := range []record.Enrolment{
		{Code: "ABCD", Terminal: record.TerminalID{2}, Lane: "7", Challenge: "C"},
		{Terminal: record.TerminalID{2}, Rotations: []record.Rotation{rotation}, Challenge: "C", Last: 41},
	} {
		e, err = e.Prove(key(2))
		require.NoError(t, err)
		raw, err := record.EnrolmentBytes(e)
		require.NoError(t, err)
		assert.NoError(t, s.Check("enrolment", raw), "an enrolment")
	}
}
