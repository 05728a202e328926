package storetest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/wire"
)

// OverHTTP reports batches of redemptions of one terminal to a server on the store over HTTP, one after another, and tells how many a
// second were answered. The offers and the signed reports are made outside the time.
func OverHTTP(b *testing.B, store backend.Store) {
	server, err := backend.New(backend.Config{Store: store, Merchants: []backend.Merchant{{Name: "m"}}})
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(server)
	defer web.Close()
	if _, err := server.AddCampaign(b.Context(), "m", backend.Campaign{ID: "c", Title: "C"}); err != nil {
		b.Fatal(err)
	}
	post := func(path, token string, body, answer any) error {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, web.URL+path, bytes.NewReader(raw))
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			return fmt.Errorf("%d: %s: %w", response.StatusCode, text, err)
		}
		return json.Unmarshal(text, answer)
	}
	code, err := server.AddCode(b.Context(), "m", wire.NewCode{Store: "s"})
	if err != nil {
		b.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	id, chain := record.NewTerminalID(), record.NewChainID()
	enrolment, err := record.Enrolment{Code: code.Code, Terminal: id, Lane: "1"}.Prove(key)
	if err != nil {
		b.Fatal(err)
	}
	var told wire.Enrolled
	if err := post(wire.PathTerminals, "", wire.FromEnrolment(enrolment), &told); err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	var number, after uint64
	var prev record.Hash
	for b.Loop() {
		var raws [][]byte
		err := store.Update(b.Context(), func(tx backend.Tx) error {
			now := time.Now().UnixMilli()
			for range BatchSize {
				o := rows.Offer{ID: offer.NewID(), Campaign: "c", Accepted: now - 60_000, NotAfter: now + 1e9, MaxUses: 1, Pass: string(make([]byte, 300))}
				number++
				raw, err := record.Record{Kind: record.Redemption, ID: record.NewID(), Terminal: id, Chain: chain, Number: number, Prev: prev, Place: told.Place,
					Offer: o.ID, Sale: record.Sale{Key: "sale"}, Time: record.Evidence{Wall: now, Earliest: now - 1000, Trusted: true}}.Encode()
				if err != nil {
					return err
				}
				raws, prev = append(raws, raw), record.HashOf(raw)
				if err := tx.AddOffer(o); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		report, err := record.Seal(record.Heading{Terminal: id, Chain: chain, After: after}, raws, key)
		if err != nil {
			b.Fatal(err)
		}
		var answer wire.Answer
		start := time.Now()
		err = post(wire.PathReports, told.Token, wire.FromReport(report), &answer)
		took += time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
		if after = answer.Cursor; len(answer.Items) != BatchSize || answer.Items[0].Status != record.Confirmed {
			b.Fatalf("%d items, the first is %q", len(answer.Items), answer.Items[0].Status)
		}
	}
	b.ReportMetric(float64(BatchSize*b.N)/took.Seconds(), "records/s")
}
