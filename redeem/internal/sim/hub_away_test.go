package sim

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// last is how long the last sale took, and what it came to.
func (s *hubStore) last() (time.Duration, redeem.Decision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sold := s.sold[len(s.sold)-1]
	return sold.back.at - sold.call.at, sold.decision
}

// Where the hub stops without a word, the first redemption waits for it as long as one question may take, and the
// following ones not at all. Once it is back it is used within two seconds and knows what was done meanwhile.
func TestAHubThatStopsHoldsOneRedemptionUp(t *testing.T) {
	for what, mode := range map[string]lineMode{"is cut off": lineCut, "is not heard": lineDeaf,
		"hears nothing": lineMute} {
		synctest.Test(t, func(t *testing.T) {
			s := newHubStore(t, 1, 2, 12)
			s.settle()
			lane, other := s.seats[0], s.seats[1]
			lane.line.set(mode)
			for n := range 10 {
				require.NoError(t, lane.sell(n, fmt.Sprint("alone ", n)))
				took, d := s.last()
				assert.Equal(t, redeem.Allow, d.Outcome, "the hub %s: %s", what, d)
				assert.Contains(t, d.Notes, record.HubUnreachable, "sale %d, where the hub %s", n, what)
				most := time.Duration(0)
				if n == 0 {
					most = 200 * time.Millisecond
				}
				assert.LessOrEqual(t, took, most, "sale %d, where the hub %s", n, what)
			}
			lane.line.set(lineWorks)
			time.Sleep(2 * time.Second)
			require.NoError(t, lane.sell(10, "together"))
			_, d := s.last()
			assert.Empty(t, d.Notes, "the hub is used again within two seconds after it %s", what)
			synctest.Wait() // the hub is told in the background
			for n := range 11 {
				require.NoError(t, other.sell(n, fmt.Sprint("elsewhere ", n)))
				_, d := s.last()
				assert.True(t, d.Because(fault.RedeemedElsewhere), "the hub knows of pass %d: %s", n, d)
			}
			s.close()
		})
	}
}

// A pair is two terminals without a network, one of which has a hub that does not answer.
type pair struct {
	issuer offer.Issuer
	both   [2]*redeem.Terminal
	n      int
}

func newPair(b *testing.B) *pair {
	p := &pair{issuer: offer.Issuer{Name: "issuer", KeyID: "k", Private: seedKey(99)}}
	client, err := hub.NewClient(hub.ClientConfig{Address: "127.0.0.1:1", Every: time.Hour,
		Dial:  func(context.Context, string, string) (net.Conn, error) { return nil, errLine },
		Hosts: func() []ed25519.PublicKey { return []ed25519.PublicKey{seedKey(0).Public().(ed25519.PublicKey)} }})
	require.NoError(b, err)
	for i, has := range []redeem.Hub{nil, client} {
		p.both[i], err = redeem.Open(vfs.WithFS(b.Context(), &vfs.Memory{}), "till", redeem.Config{
			Place: record.Place{Merchant: "m", Store: "s", Lane: "1"}, Hub: has, Keys: []offer.Key{p.issuer.Key()},
			Policy: redeem.Policy{MaxAlone: -1}})
		require.NoError(b, err)
		b.Cleanup(func() { assert.NoError(b, p.both[i].Close(), "terminal %d closes", i) })
	}
	return p
}

// redeem has a terminal redeem a fresh pass, and returns how long that took.
func (p *pair) redeem(b *testing.B, i int) time.Duration {
	p.n++
	now := time.Now()
	text, err := p.issuer.Issue(offer.Pass{ID: offer.NewID(), Audience: []string{"m"}, Campaign: "spring",
		IssuedAt: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)})
	require.NoError(b, err)
	began := time.Now()
	d, err := p.both[i].Redeem(b.Context(), redeem.Request{Scanned: text, SaleKey: fmt.Sprint(p.n)})
	took := time.Since(began)
	require.NoError(b, err)
	require.Equal(b, redeem.Allow, d.Outcome, d.String())
	return took
}

// BenchmarkWithoutTheHub compares a terminal whose hub does not answer with one that has none, in turn, on a file
// system in memory.
func BenchmarkWithoutTheHub(b *testing.B) {
	p := newPair(b)
	p.redeem(b, 1) // opens the circuit
	var took [2][]time.Duration
	for b.Loop() {
		for i := range took {
			took[i] = append(took[i], p.redeem(b, i))
		}
	}
	var median [2]float64
	for i := range took {
		slices.Sort(took[i])
		median[i] = float64(took[i][len(took[i])/2])
	}
	b.ReportMetric(median[0]/1e3, "none-p50-us")
	b.ReportMetric(median[1]/median[0], "x-none")
}
