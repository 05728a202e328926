package redeem_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// signs signs the answer as it stands.
func signs(t *testing.T, terminal record.TerminalID, by offer.Issuer) func(*record.Answer) {
	return func(a *record.Answer) {
		var err error
		all := append(append([]record.Verdict(nil), a.Items...), a.Later...)
		a.Statement, err = record.Statement{Terminal: terminal, Made: noon.UnixMilli(), Verdicts: all}.Sign(by.KeyID,
			by.Private)
		require.NoError(t, err)
	}
}

// kept are the statements in the journal of a terminal that is closed, and the records that they are for.
func (s *shop) kept(t *testing.T) map[journal.ID]record.Signed {
	t.Helper()
	log, err := journal.Open(vfs.WithFS(t.Context(), s.disk), s.dir, journal.Config{ReadOnly: true})
	require.NoError(t, err)
	defer log.Close()
	var ids []journal.ID
	for stored, err := range log.History() {
		require.NoError(t, err)
		ids = append(ids, stored.ID)
	}
	kept := map[journal.ID]record.Signed{}
	for e, err := range log.Evidence(ids...) {
		require.NoError(t, err)
		signed, err := record.DecodeSigned(e.Data)
		require.NoError(t, err)
		for _, id := range e.IDs {
			kept[id] = signed
		}
	}
	return kept
}

func TestASignedAnswerIsKeptWithTheRecordsThatItSettles(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	desk.edit = signs(t, terminal.Status().Terminal, root)
	first := redeemSome(t, terminal, 3)
	require.NoError(t, terminal.ReportNow(t.Context()))
	second := redeemed(t, terminal, pass(t, nil), "another")
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.Close())
	kept := shop.kept(t)
	require.Len(t, kept, 4)
	for i, d := range append(first, second) {
		statement, err := kept[journal.ID(d.Redemption)].Open(root.Key().Public)
		require.NoError(t, err)
		assert.Len(t, statement.Verdicts, []int{3, 3, 3, 1}[i])
	}
}

func TestAnAnswerThatNobodySignedIsNoEvidenceAndCounts(t *testing.T) {
	for name, by := range map[string]*offer.Issuer{
		"by none":                             nil,
		"by a stranger":                       {Name: "x", KeyID: "x", Private: key(9)},
		"by a stranger under the root's name": {Name: "x", KeyID: root.KeyID, Private: key(9)},
	} {
		t.Run(name, func(t *testing.T) {
			shop, desk, terminal := pickyShop(t)
			require.NoError(t, terminal.Close())
			var log bytes.Buffer
			shop.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
			terminal = shop.open(t)
			if by != nil {
				desk.edit = signs(t, terminal.Status().Terminal, *by)
			}
			redeemSome(t, terminal, 2)
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Zero(t, terminal.Status().Pending)
			require.NoError(t, terminal.Close(), "it waits for what is being logged")
			assert.Equal(t, by != nil, strings.Contains(log.String(), "it is no evidence"))
			assert.Empty(t, shop.kept(t))
		})
	}
}

func TestAnAnswerThatSaysOtherThanWhatIsSignedSettlesNothing(t *testing.T) {
	for name, spoil := range map[string]func(*record.Answer){
		"another verdict": func(a *record.Answer) { a.Items[1].Status, a.Items[1].Reason = record.Rejected, fault.Expired },
		"another number":  func(a *record.Answer) { a.Items[1].Number++ },
		"another reason":  func(a *record.Answer) { a.Items[1].Detail = "as you like" },
		"another amount":  func(a *record.Answer) { a.Items[1].Booked = &record.Money{Amount: 1, Currency: "EUR"} },
		"only received": func(a *record.Answer) {
			a.Items[1].Status, a.Items[1].Number = record.Received, 0
		},
		"not signed": func(a *record.Answer) {
			a.Statement = statementOf(t, a, func(s *record.Statement) { s.Verdicts = s.Verdicts[:1] })
		},
		"of another terminal": func(a *record.Answer) {
			a.Statement = statementOf(t, a, func(s *record.Statement) { s.Terminal = record.TerminalID{9} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			shop, desk, terminal := pickyShop(t)
			sign := signs(t, terminal.Status().Terminal, root)
			desk.edit = func(a *record.Answer) { sign(a); spoil(a) }
			redeemSome(t, terminal, 2)
			require.ErrorIs(t, terminal.ReportNow(t.Context()), fault.NotTheContract)
			assert.Equal(t, 2, terminal.Status().Pending, "nothing is settled")
			desk.edit = sign
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Zero(t, terminal.Status().Pending)
			require.NoError(t, terminal.Close())
			assert.Len(t, shop.kept(t), 2)
		})
	}
}

// statementOf signs another statement than the answer's.
func statementOf(t *testing.T, a *record.Answer, change func(*record.Statement)) record.Signed {
	t.Helper()
	statement, err := a.Statement.Open(root.Key().Public)
	require.NoError(t, err)
	change(&statement)
	signed, err := statement.Sign(root.KeyID, root.Private)
	require.NoError(t, err)
	return signed
}

func TestAStatementThatIsTooLongForTheJournalIsNotKept(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	sign := signs(t, terminal.Status().Terminal, root)
	desk.edit = func(a *record.Answer) {
		sign(a)
		a.Statement = statementOf(t, a, func(s *record.Statement) {
			for range journal.MaxEvidence / 3000 {
				v := record.Verdict{Record: record.NewID(), Status: record.Confirmed, Detail: strings.Repeat("d", 3000)}
				s.Verdicts = append(s.Verdicts, v)
			}
		})
	}
	redeemSome(t, terminal, 2)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Zero(t, terminal.Status().Pending)
	require.NoError(t, terminal.Close())
	assert.Empty(t, shop.kept(t))
}

func TestWhatWasOnlyReceivedNeedsNoSignature(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	sign := signs(t, terminal.Status().Terminal, root)
	var received record.Verdict
	desk.edit = func(a *record.Answer) {
		received = a.Items[0]
		a.Items[0].Status, a.Items[0].Number = record.Received, 0
		desk.desk.verdicts = nil
		a.Cursor = 0
		sign(a)
	}
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, 1, terminal.Status().Received)
	desk.desk.judgeLater(received, record.Rejected)
	desk.edit = sign
	desk.later = sign
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Zero(t, terminal.Status().Received)
	assert.Len(t, collect(t, terminal), 1)
	require.NoError(t, terminal.Close())
	kept := shop.kept(t)
	require.Len(t, kept, 1)
	statement, err := kept[journal.ID(received.Record)].Open(root.Key().Public)
	require.NoError(t, err)
	assert.Equal(t, record.Rejected, statement.Verdicts[0].Status)
}
