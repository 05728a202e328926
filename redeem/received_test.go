package redeem_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// waits answers that the voids and corrections among the items were received, and keeps the verdict back.
func (d *desk) waits(a record.Answer) (record.Answer, error) {
	for i, v := range a.Items {
		if kind := d.booked[v.Record].Kind; kind != record.Void && kind != record.Correction {
			continue
		}
		a.Items[i] = record.Verdict{Record: v.Record, Hash: v.Hash, Status: record.Received, Judged: v.Judged}
		d.verdicts = slices.DeleteFunc(d.verdicts, func(other record.Verdict) bool { return other.Record == v.Record })
	}
	a.Later, a.Cursor = nil, uint64(len(d.verdicts))
	return a, nil
}

// judgeLater is the verdict that comes with any later answer.
func (d *desk) judgeLater(v record.Verdict, status record.Status) {
	v.Number, v.Status = uint64(len(d.verdicts)+1), status
	if status != record.Confirmed {
		v.Reason = fault.NotFound
	}
	d.verdicts = append(d.verdicts, v)
}

func TestARecordThatTheBackendReceivedWaitsForItsVerdictAndForNobodyElse(t *testing.T) {
	for _, verdict := range []record.Status{record.Confirmed, record.Rejected} {
		t.Run(string(verdict), func(t *testing.T) {
			shop := newShop(t)
			var events []redeem.Event
			shop.cfg.OnEvent = func(e redeem.Event) { events = append(events, e) }
			terminal := shop.online(t)
			var received record.Verdict
			shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
				a, err := shop.desk.waits(a)
				for _, v := range a.Items {
					if v.Status == record.Received {
						received = v
					}
				}
				return a, err
			}
			void, err := terminal.Void(t.Context(), redeem.VoidRequest{Scanned: pass(t, nil), Key: "return",
				Returned: euros(100)})
			require.NoError(t, err)
			require.NoError(t, terminal.ReportNow(t.Context()))
			require.Equal(t, void.Voids[0], received.Record)
			status := terminal.Status()
			assert.Zero(t, status.Pending, "it is sent no more")
			assert.Zero(t, status.Verdicts, "there is nothing to hand over")
			assert.Equal(t, 1, status.Received)
			assert.Empty(t, collect(t, terminal))
			isVerdict := func(e redeem.Event) bool { return e.Kind == redeem.EventVerdict }
			redeem.AwaitCallbacks(terminal)
			assert.False(t, slices.ContainsFunc(events, isVerdict), "it is no verdict")

			require.NoError(t, terminal.Close())
			terminal = shop.open(t)
			assert.Equal(t, 1, terminal.Status().Received, "also after a restart")
			calls := shop.desk.calls
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Equal(t, calls, shop.desk.calls)

			shop.desk.judgeLater(received, verdict)
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Zero(t, terminal.Status().Received)
			if verdict == record.Confirmed {
				assert.Empty(t, collect(t, terminal))
				return
			}
			handed := collect(t, terminal)
			require.Len(t, handed, 1)
			assert.Equal(t, verdict, handed[0].Status)
			redeem.AwaitCallbacks(terminal)
			assert.Equal(t, redeem.EventVerdict, events[len(events)-1].Kind)
		})
	}
}

// The verdict on a void or correction that the backend keeps may come months later, when the journal gave its record
// back.
func TestALateVerdictFindsItsVoid(t *testing.T) {
	voids := func(req redeem.VoidRequest) func(*testing.T, *redeem.Terminal) record.ID {
		return func(t *testing.T, terminal *redeem.Terminal) record.ID { return voided(t, terminal, req).Voids[0] }
	}
	for name, write := range map[string]func(*testing.T, *redeem.Terminal) record.ID{
		"offer":    voids(redeem.VoidRequest{Scanned: pass(t, nil), Key: "return"}),
		"receipt":  voids(redeem.VoidRequest{Receipt: record.NewID().Receipt(), Key: "return"}),
		"own sale": voids(redeem.VoidRequest{SaleKey: "mine"}),
		"correction": func(t *testing.T, terminal *redeem.Terminal) record.ID {
			done, err := terminal.Correct(t.Context(), redeem.CorrectRequest{SaleKey: "mine", Given: euros(50)})
			require.NoError(t, err)
			return done.Corrections[0]
		},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			shop.cfg.Journal.KeepReported = time.Minute
			terminal := shop.online(t)
			d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "mine", Given: euros(100)})
			require.NoError(t, err)
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
			require.NoError(t, terminal.ReportNow(t.Context()))
			var received record.Verdict
			shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
				a, err := shop.desk.waits(a)
				for _, v := range a.Items {
					if v.Status == record.Received {
						received = v
					}
				}
				return a, err
			}
			written := write(t, terminal)
			require.NoError(t, terminal.ReportNow(t.Context()))
			require.Equal(t, written, received.Record)
			shop.giveBack(t, terminal)
			for listed, err := range terminal.Records(t.Context(), redeem.Query{}) {
				require.NoError(t, err)
				require.NotEqual(t, received.Record, listed.Record.ID, "it was given back")
			}
			shop.desk.judgeLater(received, record.Rejected)
			require.NoError(t, terminal.ReportNow(t.Context()))
			handed := collect(t, terminal)
			require.Len(t, handed, 1, "the POS is told of the verdict")
			assert.Equal(t, received.Record, handed[0].Record)
		})
	}
}
