package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"

	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// The names in the story.
const (
	merchant      = "corner-bakery"
	storeName     = "main-street"
	managementKey = "quickstart-management-key"
	campaign      = "morning-coffee"
	followUp      = "afternoon-cake"
)

// A shop is the backend on loopback, with its management beside it.
type shop struct {
	public, management string // addresses as http://host:port
	servers            []*http.Server
	store              store.Store
}

// openShop starts the reference backend on its embedded store.
func openShop(ctx context.Context, dir string) (*shop, error) {
	db, err := boltstore.Open(ctx, filepath.Join(dir, "backend.db"))
	if err != nil {
		return nil, err
	}
	server, err := backend.New(ctx, backend.Config{Store: db,
		Merchants: []backend.Merchant{{Name: merchant, Key: managementKey}}})
	if err != nil {
		return nil, err
	}
	s := &shop{store: db}
	if s.public, err = s.serve(server); err != nil {
		return nil, err
	}
	s.management, err = s.serve(server.Management())
	return s, err
}

func (s *shop) serve(handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler}
	s.servers = append(s.servers, server)
	go server.Serve(listener)
	return "http://" + listener.Addr().String(), nil
}

func (s *shop) close() {
	for _, server := range s.servers {
		server.Close()
	}
	s.store.Close()
}

// prepare creates two campaigns, of which the second answers redemptions of the first, and returns an enrolment code.
func (s *shop) prepare(ctx context.Context) (code string, err error) {
	euroOff := terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}
	for _, c := range []wire.Campaign{
		{ID: followUp, Title: "Half-price cake in the afternoon", Terms: terms.Terms{Kind: terms.PercentOff, Percent: 5000}},
		{ID: campaign, Title: "One euro off your morning coffee", Terms: euroOff, FollowUps: []wire.FollowUp{
			{Offer: followUp, Priority: 2},
			{Ad: &wire.Ad{ID: "beans", Title: "Our beans, roasted this week"}, Priority: 1},
		}},
	} {
		if err := s.manage(ctx, wire.PathCampaigns, c, nil); err != nil {
			return "", err
		}
	}
	var made wire.Code
	err = s.manage(ctx, wire.PathCodes, wire.NewCode{Store: storeName}, &made)
	return made.Code, err
}

// manage asks the management handler for something.
func (s *shop) manage(ctx context.Context, path string, question, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.management+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", wire.RequestType)
	request.Header.Set("Authorization", "Bearer "+managementKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(io.LimitReader(response.Body, wire.MaxBody))
	if err != nil || response.StatusCode >= 300 {
		return fmt.Errorf("POST %s: %s: %s: %w", path, response.Status, got, err)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(got, answer)
}
