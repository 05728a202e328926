package till_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/examples/internal/till"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

var issuer = offer.Issuer{Name: "issuer", KeyID: "1", Private: []byte(strings.Repeat("k", 64))}

func open(t *testing.T) till.Till {
	t.Helper()
	terminal, err := redeem.Open(t.Context(), t.TempDir(), redeem.Config{
		Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "1"}, Policy: redeem.Policy{MaxAlone: -1},
	})
	require.NoError(t, err)
	t.Cleanup(func() { terminal.Close() })
	return till.Till{Terminal: terminal, Scanner: new(barcode.Scanner)}
}

// replies sends lines to a till and returns what it answers.
func replies(t *testing.T, lines ...string) []till.Reply {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, open(t).Serve(t.Context(), strings.NewReader(strings.Join(lines, "\n")), &out))
	var all []till.Reply
	for scanner := bufio.NewScanner(&out); scanner.Scan(); {
		var r till.Reply
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &r))
		all = append(all, r)
	}
	return all
}

func TestATillIsDrivenByLinesOfJSON(t *testing.T) {
	code := offer.NewID().Code()
	got := replies(t,
		`{"do":"redeem","scanned":"`+code+`","saleKey":"1"}`,
		`{"do":"redeem","scanned":"`+code+`","saleKey":"1","manager":"12","why":"regular"}`,
		`{"do":"redeem","scanned":"`+code+`","saleKey":"2"}`,
		`{"do":"void","saleKey":"1"}`,
		`{"do":"status"}`,
		`{"do":"verdicts"}`,
		`{"do":"quit"}`,
		`{"do":"status"}`,
	)
	require.Len(t, got, 6)
	assert.Equal(t, redeem.Ask, got[0].Decision.Outcome)
	assert.Equal(t, redeem.Allow, got[1].Decision.Outcome)
	assert.NotEmpty(t, got[1].Decision.Receipt)
	assert.Equal(t, redeem.Refuse, got[2].Decision.Outcome)
	assert.Equal(t, fault.AlreadyRedeemed, got[2].Decision.Reasons[0].Code)
	assert.Equal(t, got[1].Decision.Redemption, got[3].Voided.Redemptions[0])
	assert.Equal(t, 2, got[4].Status.Pending)
	assert.Empty(t, got[5].Verdicts)
}

func TestALineThatIsNoCommandIsAnsweredAndTheNextOneRead(t *testing.T) {
	got := replies(t, `{`, `{"do":"dance"}`, `{"do":"redeem","scanned":"x"}`, `{"do":"scan","file":"nowhere.png"}`,
		`{"do":"report"}`, `{"do":"status"}`)
	codes := []fault.Code{fault.Malformed, fault.InvalidRequest, fault.InvalidRequest, fault.Unreadable,
		fault.InvalidRequest}
	require.Len(t, got, 6)
	for i, code := range codes {
		require.NotNil(t, got[i].Error, i)
		assert.Equal(t, code, got[i].Error.Code, i)
	}
	assert.NotNil(t, got[5].Status)
}

func TestAPictureIsRedeemed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pass.png")
	text, err := issuer.Issue(offer.Pass{ID: offer.NewID(), IssuedAt: time.Now(), NotAfter: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	drawing, err := barcode.Encode(barcode.QRCode, text, barcode.Encoding{})
	require.NoError(t, err)
	out, err := os.Create(file)
	require.NoError(t, err)
	require.NoError(t, drawing.PNG(out, 4))
	require.NoError(t, out.Close())
	line, err := json.Marshal(till.Command{Do: "redeem", File: file, SaleKey: "1"})
	require.NoError(t, err)
	got := replies(t, string(line))
	assert.Equal(t, fault.NotEnrolled, got[0].Decision.Reasons[0].Code, "it was read, and the till was never set up")
}

func TestAPersonIsAnsweredInWords(t *testing.T) {
	code := offer.NewID().Code()
	p := till.Person{Till: open(t)}
	var out bytes.Buffer
	in := strings.NewReader("nonsense\nredeem " + code + " sale-1\nallow 12 a regular customer\nredeem " + code +
		" sale-2\nvoid sale-1\nstatus\nverdicts\nreport\nquit\n")
	require.NoError(t, p.Talk(t.Context(), in, &out))
	text := out.String()
	for _, want := range []string{"redeem TEXT|FILE", "ask", "not-enrolled", "allow: receipt", "refuse",
		"already-redeemed", "taken back: 1", "pending 2", "0 to acknowledge", "failed:"} {
		assert.Contains(t, text, want)
	}
}
