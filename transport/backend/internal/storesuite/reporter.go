package storesuite

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A reporter is a terminal that reports batches of redemptions over HTTP. Its offers and signed reports are made
// beforehand.
type reporter struct {
	url, token    string
	key           ed25519.PrivateKey
	id            record.TerminalID
	chain         record.ChainID
	place         record.Place
	number, after uint64
	prev          record.Hash
}

// newReporter enrols a terminal with a server that listens at url.
func newReporter(b *testing.B, server *backend.Server, url string) *reporter {
	b.Helper()
	code, err := server.AddCode(b.Context(), "m", wire.NewCode{Store: "s"})
	if err != nil {
		b.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	r := &reporter{url: url, key: key, id: record.NewTerminalID(), chain: record.NewChainID()}
	var challenge wire.Challenge
	if err := r.post(b, wire.PathChallenges, nil, &challenge); err != nil {
		b.Fatal(err)
	}
	enrolment, err := record.Enrolment{Code: code.Code, Terminal: r.id, Lane: "1",
		Challenge: challenge.Challenge}.Prove(key)
	if err != nil {
		b.Fatal(err)
	}
	var enrolled wire.Enrolled
	if err := r.post(b, wire.PathTerminals, wire.FromEnrolment(enrolment), &enrolled); err != nil {
		b.Fatal(err)
	}
	r.token, r.place = enrolled.Token, enrolled.Place
	return r
}

func (r *reporter) post(b *testing.B, path string, body, answer any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, r.url+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	response, err := http.DefaultClient.Do(request)
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

// prepare accepts a batch of offers, each of the campaign that nth names, and signs a report of their redemptions.
func (r *reporter) prepare(b *testing.B, st store.Store, nth func(int) string) wire.Report {
	b.Helper()
	var raws [][]byte
	err := st.Update(b.Context(), func(tx store.Tx) error {
		now := time.Now().UnixMilli()
		for i := range BatchSize {
			o := store.Offer{ID: offer.NewID(), Campaign: nth(i), Accepted: now - 60_000, NotAfter: now + 1e9, MaxUses: 1,
				Pass: string(make([]byte, 300))}
			r.number++
			raw, err := record.Record{Kind: record.Redemption, ID: record.NewID(), Terminal: r.id, Chain: r.chain,
				Number: r.number, Prev: r.prev,
				Place: r.place, Offer: o.ID, Sale: record.Sale{Key: "sale"}, Time: record.Evidence{Wall: now, Earliest: now - 1000,
					Trusted: true},
				Given: record.Money{Amount: 100, Currency: "EUR"}, GivenBy: record.GivenByPOS}.Encode()
			if err != nil {
				return err
			}
			raws, r.prev = append(raws, raw), record.HashOf(raw)
			if err := tx.AddOffer(o); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	report, err := record.Seal(record.Heading{Terminal: r.id, Chain: r.chain, After: r.after}, raws, r.key)
	if err != nil {
		b.Fatal(err)
	}
	return wire.FromReport(report)
}

// send reports, and wants every record confirmed.
func (r *reporter) send(b *testing.B, report wire.Report) error {
	var answer wire.Answer
	if err := r.post(b, wire.PathReports, report, &answer); err != nil {
		return err
	}
	r.after = answer.Cursor
	if len(answer.Items) != BatchSize || answer.Items[0].Status != record.Confirmed {
		return fmt.Errorf("%d items, the first is %q", len(answer.Items), answer.Items[0].Status)
	}
	return nil
}
