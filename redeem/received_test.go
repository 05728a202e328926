package redeem_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// waits answers that the voids among the items were received, and keeps the verdict back.
func (d *desk) waits(a record.Answer) (record.Answer, error) {
	for i, v := range a.Items {
		if d.booked[v.Record].Kind != record.Void {
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
			void, err := terminal.Void(t.Context(), redeem.VoidRequest{Scanned: pass(t, nil), Key: "return", Returned: euros(100)})
			require.NoError(t, err)
			require.NoError(t, terminal.ReportNow(t.Context()))
			require.Equal(t, void.Voids[0], received.Record)
			status := terminal.Status()
			assert.Zero(t, status.Pending, "it is sent no more")
			assert.Zero(t, status.Verdicts, "there is nothing to hand over")
			assert.Equal(t, 1, status.Received)
			assert.Empty(t, collect(t, terminal))
			isVerdict := func(e redeem.Event) bool { return e.Kind == redeem.EventVerdict }
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
			assert.Equal(t, redeem.EventVerdict, events[len(events)-1].Kind)
		})
	}
}
