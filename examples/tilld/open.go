package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/cashier"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/local"
)

// A till is the terminal with all that serves it.
type till struct {
	log      *slog.Logger
	client   *transport.Client // nil: it reports to nobody
	terminal *redeem.Terminal
	pages    *pages
	service  *local.Service
}

// open opens the terminal. Nothing listens before: a second daemon on the folder ends here.
func open(ctx context.Context, o options, stderr io.Writer) (_ *till, err error) {
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelDebug
	}
	t := &till{log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))}
	texts, err := readTexts(o)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	events := new(local.Events)
	cfg, err := t.configOf(o, events)
	if err != nil {
		return nil, err
	}
	if t.terminal, err = redeem.Open(ctx, filepath.Join(o.Dir, "terminal"), cfg); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	if t.pages, err = readPages(filepath.Join(o.Dir, "pages.json"), t.log); err != nil {
		return nil, err
	}
	calls := pictureCalls()
	calls["pair"] = t.pages.pair
	t.service, err = local.New(local.Config{Terminal: t.terminal, Events: events, Texts: texts, Calls: calls,
		Logger: t.log})
	return t, err
}

func (t *till) configOf(o options, events *local.Events) (redeem.Config, error) {
	cfg := redeem.Config{
		Place: record.Place{Merchant: o.Merchant, Store: o.Store, Lane: o.Lane}, EnrolmentCode: o.Code, Logger: t.log,
		OnEvent: events.Add, Reporting: redeem.Reporting{Manual: o.Manual},
	}
	if o.Mark != "" {
		cfg.Mark = redeem.MarkFile(o.Mark)
	}
	var err error
	if cfg.Hub, err = t.hubOf(o); err != nil {
		return cfg, err
	}
	if len(o.Policy) > 0 {
		if cfg.Policy, err = redeem.ParsePolicy(o.Policy); err != nil {
			return cfg, fmt.Errorf("policy: %w", err)
		}
	}
	if o.Backend != "" {
		if t.client, err = transport.New(transport.Config{URL: o.Backend, Logger: t.log}); err != nil {
			return cfg, err
		}
		cfg.Reporter = t.client
	}
	return cfg, nil
}

func readTexts(o options) (texts cashier.Texts, err error) {
	if o.Texts != "" {
		data, err := os.ReadFile(o.Texts)
		if err != nil {
			return texts, err
		}
		if texts, err = cashier.Parse(data); err != nil {
			return texts, fmt.Errorf("%s: %w", o.Texts, err)
		}
	}
	if o.Zone != "" {
		texts.Zone, err = time.LoadLocation(o.Zone)
	}
	return texts, err
}

// close ends what open began.
func (t *till) close() (err error) {
	if t.service != nil {
		t.service.Close()
	}
	if t.terminal != nil {
		err = t.terminal.Close()
	}
	if t.client != nil {
		err = errors.Join(err, t.client.Close())
	}
	return err
}
