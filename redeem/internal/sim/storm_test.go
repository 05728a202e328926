package sim

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A returner is a terminal that comes back with a report that is ready to go.
type returner struct {
	token  string
	report record.Report
}

const (
	returners = 2000
	recordsOf = 50
)

// BenchmarkReconnectStorm lets 2,000 terminals come back in the same moment with 50 records each, and reports how long
// it takes until all are answered as a multiple of what the backend needs for the same reports one after another from
// one client.
func BenchmarkReconnectStorm(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		dir := fastFolder(b)
		store, err := boltstore.Open(b.Context(), filepath.Join(dir, "store"))
		require.NoError(b, err)
		server := transporttest.NewServer(b, transporttest.Options{Store: store})
		server.Campaign(b, wire.Campaign{ID: campaignName, Title: "Spring", Uses: usesOfOffer, OfflineUses: usesOfOffer})
		passes := server.Accept(b, campaignName, returners*recordsOf/usesOfOffer)
		all := gather(b, server, passes)
		backup := filepath.Join(dir, "backup")
		backUpTo(b, store, backup)

		b.StartTimer()
		storm := come(b, server, all, returners)
		b.StopTimer()
		require.NoError(b, store.Close())
		store, err = boltstore.Open(b.Context(), backup)
		require.NoError(b, err)
		require.NoError(b, server.Restart(transporttest.Change{Store: store}))
		alone := come(b, server, all, 1)
		require.NoError(b, store.Close())
		b.ReportMetric(storm.Seconds(), "s-storm")
		b.ReportMetric(storm.Seconds()/alone.Seconds(), "of-one-client")
		b.StartTimer()
	}
}

// gather enrols the terminals and writes their reports.
func gather(b *testing.B, server *transporttest.Server, passes []string) []returner {
	b.Helper()
	client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper()})
	require.NoError(b, err)
	code := server.Code(b, "s-1", returners)
	all := make([]returner, returners)
	for i := range all {
		_, key, err := ed25519.GenerateKey(nil)
		require.NoError(b, err)
		id := record.NewTerminalID()
		challenge, err := client.Challenge(b.Context())
		require.NoError(b, err)
		e, err := record.Enrolment{Code: code, Terminal: id, Lane: fmt.Sprint(i), Challenge: challenge}.Prove(key)
		require.NoError(b, err)
		told, err := client.Enrol(b.Context(), e)
		require.NoError(b, err)
		p, err := offer.Parse(passes[i*recordsOf/usesOfOffer])
		require.NoError(b, err)
		all[i] = returner{told.Token, reportOf(b, id, key, told.Place, p)}
	}
	return all
}

func reportOf(b *testing.B, id record.TerminalID, key ed25519.PrivateKey, place record.Place,
	p offer.Presented) record.Report {
	b.Helper()
	now, chain := time.Now().UnixMilli(), record.NewChainID()
	at := record.Evidence{Wall: now, SinceBoot: 1000, Boot: "b", Earliest: now - 1000, Latest: now + 1000, Trusted: true}
	var raws [][]byte
	var prev record.Hash
	for n := range recordsOf {
		raw, err := record.Record{
			Kind: record.Redemption, ID: record.NewID(), Terminal: id, Chain: chain, Number: uint64(n + 1), Prev: prev,
			Place: place,
			Offer: p.ID, Campaign: campaignName, Sale: record.Sale{Key: fmt.Sprint(n)}, Time: at, Proven: true,
		}.Encode()
		require.NoError(b, err)
		raws, prev = append(raws, raw), record.HashOf(raw)
	}
	report, err := record.Seal(record.Heading{Terminal: id, Chain: chain, Sent: at}, raws, key)
	require.NoError(b, err)
	return report
}

// come sends all reports, so many at a time, and returns when every record of them was confirmed.
func come(b *testing.B, server *transporttest.Server, all []returner, together int) time.Duration {
	b.Helper()
	network := server.RoundTripper().(*http.Transport)
	network.MaxIdleConnsPerHost = 4
	next, errs := make(chan returner), make(chan error, together)
	var group sync.WaitGroup
	for range together {
		group.Go(func() {
			for r := range next {
				if err := r.come(b.Context(), server.URL, network); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	begin := time.Now()
	for _, r := range all {
		select {
		case next <- r:
		case err := <-errs:
			b.Fatal(err)
		}
	}
	close(next)
	group.Wait()
	took := time.Since(begin)
	select {
	case err := <-errs:
		b.Fatal(err)
	default:
	}
	return took
}

// come reports as a terminal does: with a random wait that doubles, until everything was answered.
func (r returner) come(ctx context.Context, url string, network http.RoundTripper) error {
	client, err := transport.New(transport.Config{URL: url, RoundTripper: network})
	if err != nil {
		return err
	}
	for wait := 250 * time.Millisecond; ; wait *= 2 {
		answer, err := client.Report(ctx, r.token, r.report)
		if err == nil {
			return r.confirmed(answer)
		}
		if wait > time.Minute {
			return err
		}
		time.Sleep(max(rand.N(wait), fault.RetryAfter(err)))
	}
}

func (r returner) confirmed(answer record.Answer) error {
	if len(answer.Items) != recordsOf {
		return fmt.Errorf("%d of %d records were answered", len(answer.Items), recordsOf)
	}
	for _, v := range answer.Items {
		if v.Status != record.Confirmed {
			return fmt.Errorf("record %s is %s: %s", v.Record, v.Status, v.Detail)
		}
	}
	return nil
}
