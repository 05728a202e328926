package redeem_test

import (
	"fmt"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// restored has a backend that signs lose everything that the terminal reported. It asks for what it lacks.
func restored(t *testing.T, desk *picky, terminal record.TerminalID) {
	t.Helper()
	d := desk.desk
	d.mu.Lock()
	d.booked, d.first, d.verdicts = map[record.ID]record.Record{}, map[offer.ID]record.ID{}, nil
	d.mu.Unlock()
	sign := signs(t, terminal, root)
	desk.set(func(p *picky) {
		p.keep, p.reports = true, nil
		p.edit = func(a *record.Answer) {
			var last uint64
			has := map[uint64]bool{}
			for _, rec := range d.booked {
				last, has[rec.Number] = max(last, rec.Number), true
			}
			for n := uint64(1); n < last; n++ {
				if !has[n] {
					a.Missing = append(a.Missing, record.Range{First: n, Last: n})
				}
			}
			a.Last = &last
			sign(a)
		}
		p.later = p.edit
	})
}

// withPasses redeems offers and keeps the pass beside each record, in a journal whose terminal is closed meanwhile.
func (s *shop) withPasses(t *testing.T, terminal *redeem.Terminal, n int) (*redeem.Terminal, []string) {
	t.Helper()
	who := terminal.Status().Terminal
	require.NoError(t, terminal.Close())
	ctx := vfs.WithFS(t.Context(), s.disk)
	log, err := journal.Open(ctx, s.dir, journal.Config{SegmentSize: 16 << 10})
	require.NoError(t, err)
	passes := make([]string, n)
	for i := range passes {
		passes[i] = pass(t, nil)
		require.NoError(t, log.Append(ctx, func(v *journal.View) ([]journal.Entry, error) {
			chain, _ := v.Note("chain")
			number, prev := v.Next()
			rec := record.Record{
				Kind: record.Redemption, ID: record.NewID(), Terminal: who, Chain: record.ChainID(chain), Number: number,
				Prev: record.Hash(prev), Offer: offer.NewID(), Sale: record.Sale{Key: fmt.Sprint(number)},
			}
			raw, err := rec.Encode()
			require.NoError(t, err)
			kept, err := cbor.Marshal(map[int]any{1: 1, 2: passes[i], 9: "of tomorrow"})
			require.NoError(t, err)
			return []journal.Entry{{ID: journal.ID(rec.ID), Payload: raw, Attachment: kept}}, nil
		}))
	}
	require.NoError(t, log.Close())
	return s.open(t), passes
}

func TestARestoredBackendGetsPassesAndSignedAnswersWithWhatItLacks(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	desk.keep, desk.edit = true, signs(t, terminal.Status().Terminal, root)
	terminal, passes := shop.withPasses(t, terminal, 5)
	require.NoError(t, terminal.ReportNow(t.Context()))
	voided(t, terminal, redeem.VoidRequest{Receipt: record.NewID().Receipt(), Key: "r"}) // nothing is kept beside it
	require.NoError(t, terminal.ReportNow(t.Context()))
	for _, r := range desk.reports {
		assert.Nil(t, r.Passes, "nobody asked")
		assert.Nil(t, r.Statements)
	}
	restored(t, desk, terminal.Status().Terminal)
	fresh := redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, numbersTo(7), desk.numbers())
	assert.Zero(t, terminal.Status().Pending)

	seen := map[record.ID]string{}
	var statements []record.Signed
	for _, r := range desk.reports {
		for i, raw := range r.Records {
			if record.IDOf(raw) == fresh[0].Redemption {
				assert.Len(t, r.Records, 1, "what was not asked for goes by itself")
				assert.Nil(t, r.Passes)
				assert.Nil(t, r.Statements)
				continue
			}
			require.Len(t, r.Passes, len(r.Records))
			seen[record.IDOf(raw)] = r.Passes[i]
		}
		statements = append(statements, r.Statements...)
	}
	require.Len(t, seen, 6)
	got := map[string]bool{}
	for _, pass := range seen {
		got[pass] = true
	}
	for _, pass := range append(passes, "") {
		assert.True(t, got[pass], "the pass is kept")
	}
	proven := map[record.ID]bool{}
	for _, s := range statements {
		statement, err := s.Open(root.Key().Public)
		require.NoError(t, err)
		for _, v := range statement.Verdicts {
			proven[v.Record] = true
		}
	}
	require.Len(t, statements, 2, "each is sent once")
	for id := range seen {
		assert.True(t, proven[id], "it was proven")
	}

	desk.reports = nil
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Len(t, desk.reports, 1)
	assert.Nil(t, desk.reports[0].Passes, "it has everything now")
}

// Two signed answers name a record: the backend is to believe the later one, so that it comes last.
func TestSignedAnswersAreSentInTheirOrder(t *testing.T) {
	_, desk, terminal := pickyShop(t)
	sign := signs(t, terminal.Status().Terminal, root)
	var first record.Verdict
	desk.edit = func(a *record.Answer) {
		first = a.Items[0]
		sign(a)
	}
	redeemSome(t, terminal, 2)
	require.NoError(t, terminal.ReportNow(t.Context()))
	desk.desk.judgeLater(first, record.Rejected)
	desk.later = sign
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Len(t, collect(t, terminal), 1)
	restored(t, desk, terminal.Status().Terminal)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Len(t, desk.reports, 1)
	stands := map[record.ID]record.Status{}
	for _, signed := range desk.reports[0].Statements {
		statement, err := signed.Open(root.Key().Public)
		require.NoError(t, err)
		for _, v := range statement.Verdicts {
			stands[v.Record] = v.Status
		}
	}
	require.Len(t, stands, 2)
	assert.Equal(t, record.Rejected, stands[first.Record])
}

// The power goes after the till began to send again: what is left goes with its passes still.
func TestARestartWhileRecordsAreSentAgainForgetsNoEvidence(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	require.NoError(t, terminal.Close())
	shop.cfg.Reporting.MaxRecords = 2
	terminal = shop.open(t)
	desk.edit = signs(t, terminal.Status().Terminal, root)
	terminal, _ = shop.withPasses(t, terminal, 6)
	require.NoError(t, terminal.ReportNow(t.Context()))
	restored(t, desk, terminal.Status().Terminal)
	desk.after = func(records int) error {
		if len(desk.numbersLocked()) > 2 {
			return problem(fault.Unreachable)
		}
		return nil
	}
	require.Error(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.Equal(t, 4, terminal.Status().Pending)
	desk.after, desk.reports = nil, nil
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, numbersTo(6), desk.numbers())
	for _, r := range desk.reports {
		assert.NotEmpty(t, r.Passes)
		assert.Len(t, r.Statements, 1)
	}
	desk.reports = nil
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Nil(t, desk.reports[0].Passes)
}

func TestAReportCarriesNoMoreThanItMay(t *testing.T) {
	for name, maxBytes := range map[string]int{"statements": 0, "bytes": 4000} {
		t.Run(name, func(t *testing.T) {
			shop, desk, terminal := pickyShop(t)
			require.NoError(t, terminal.Close())
			shop.cfg.Reporting.MaxBytes = maxBytes
			terminal = shop.open(t)
			desk.edit = signs(t, terminal.Status().Terminal, root)
			const records = 2*record.MaxStatements + 10
			for range records { // each has an answer of its own
				redeemSome(t, terminal, 1)
				require.NoError(t, terminal.ReportNow(t.Context()))
			}
			restored(t, desk, terminal.Status().Terminal)
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Len(t, desk.numbers(), records)
			statements, bytes := 0, 0
			for _, r := range desk.reports {
				assert.Equal(t, len(r.Records), len(r.Statements))
				statements = max(statements, len(r.Statements))
				size := 0
				for i, raw := range r.Records {
					size += len(raw) + len(r.Passes[i]) + len(r.Statements[i].Content) + len(r.Statements[i].Signature)
				}
				bytes = max(bytes, size)
			}
			if maxBytes == 0 {
				assert.Equal(t, record.MaxStatements, statements)
				return
			}
			assert.LessOrEqual(t, bytes, maxBytes)
			assert.Greater(t, bytes, maxBytes/2)
		})
	}
}

// A backend does not know the offers of some records, and wants them again.
func TestRecordsThatAreWantedGoAgainAtOnceWithTheirPasses(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	terminal, passes := shop.withPasses(t, terminal, 4)
	desk.keep = true
	var wanted []record.ID
	// items 2 and 3 of the first report; that there are items on them is not to be believed
	desk.edit = func(a *record.Answer) {
		if len(a.Items) == 4 {
			wanted = []record.ID{a.Items[1].Record, a.Items[2].Record}
			a.Wanted, a.Items = wanted, a.Items[:3]
		}
		a.Later, a.Cursor = nil, 0
	}
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Zero(t, terminal.Status().Pending)
	require.Len(t, desk.reports, 3)
	assert.Nil(t, desk.reports[0].Passes)
	require.Len(t, desk.reports[1].Records, 2)
	assert.Equal(t, wanted[0], record.IDOf(desk.reports[1].Records[0]))
	assert.Equal(t, passes[1:3], desk.reports[1].Passes)
	require.Len(t, desk.reports[2].Records, 1, "item 4 had no verdict and was not wanted")
	assert.Nil(t, desk.reports[2].Passes)
}

func TestABackendThatWantsTheSameForEverDoesNotGetItForEver(t *testing.T) {
	for name, some := range map[string]int{"one": 1, "all": 4} {
		t.Run(name, func(t *testing.T) {
			shop, desk, terminal := pickyShop(t)
			terminal, _ = shop.withPasses(t, terminal, 4)
			want := true
			desk.edit = func(a *record.Answer) {
				var left []record.Verdict
				for _, v := range a.Items {
					if want && desk.desk.booked[v.Record].Number <= uint64(some) {
						a.Wanted = append(a.Wanted, v.Record)
						continue
					}
					left = append(left, v)
				}
				a.Items, a.Later, a.Cursor = left, nil, 0
			}
			desk.later = desk.edit
			for range 10 {
				asked := desk.asked
				require.Error(t, terminal.ReportNow(t.Context()))
				assert.Less(t, desk.asked-asked, 14)
			}
			assert.Equal(t, numbersTo(uint64(some)), asideOf(terminal))
			assert.Equal(t, fault.NotTheContract, terminal.Status().SetAside[0].Code)
			desk.keep, desk.reports, want = true, nil, false
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Zero(t, terminal.Status().Pending)
			assert.NotEmpty(t, desk.reports[0].Passes[0], "it is sent with the pass still")
		})
	}
}

func TestWhatCannotBeReadBesideARecordIsNoPass(t *testing.T) {
	kept := func(v any) []byte {
		raw, err := cbor.Marshal(v)
		require.NoError(t, err)
		return raw
	}
	for want, attachments := range map[string][][]byte{
		"OL1:X": {kept(map[int]any{1: 1, 2: "OL1:X"}), kept(map[int]any{1: 1, 2: "OL1:X", 9: "of a later version"})},
		"": {
			nil, {}, {0xff}, kept("OL1:X"), kept(map[int]any{1: 2, 2: "OL1:X"}), kept(map[int]any{1: 1}),
			kept(map[int]any{1: 1, 2: 3}), kept(map[int]any{1: 1, 2: "OL1:X", 5: []int{1, 2}}),
		},
	} {
		for _, raw := range attachments {
			assert.Equal(t, want, redeem.PassOf(journal.Stored{Attachment: raw}), "%x", raw)
		}
	}
}
