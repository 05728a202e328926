//go:build journal

package main

import (
	"context"
	"log/slog"

	"github.com/offlane/offlane/redeem/outbox"
)

func store(log *slog.Logger, dir string) {
	ctx := context.Background()
	l, err := outbox.Open(ctx, dir, outbox.Config{Key: make([]byte, outbox.KeySize), Logger: log})
	if err != nil {
		panic(err)
	}
	log.Info("stored", "error", l.Append(ctx, see))
	batch, err := l.Pending(100, 1<<20)
	log.Info("pending", "error", err)
	for _, s := range batch {
		log.Info("settled", "error", l.Settle(ctx, []outbox.Settlement{{Ref: s.ID}}, s.Attachment, outbox.Note{Slot: "cursor"}))
		log.Info("over", "error", l.HandOver(ctx, s.ID), "again", l.Requeue(ctx, s.ID))
		_, _, err := l.Get(s.ID)
		log.Info("read", "error", err)
	}
	for s, err := range l.History() {
		log.Info("history", "id", s.ID, "error", err)
	}
	l.Verdicts()(func(outbox.Stored, error) bool { return true })
	l.Quarantined()(func(outbox.Stored, error) bool { return true })
	l.Evidence(outbox.ID{1})(func(outbox.Evidence, error) bool { return true })
	l.Note("cursor")
	log.Info("kept", "stats", l.Stats(), "damage", l.Damage(), "note", l.PutNote(ctx, "cursor", nil))
	log.Info("sound", "error", l.Verify(ctx), "tidy", l.Tidy(ctx), "close", l.Close())
}

func see(v *outbox.View) ([]outbox.Entry, error) {
	v.Next()
	v.Uses("key")
	v.State(outbox.ID{1})
	v.Note("cursor")
	if _, err := v.Find("key"); err != nil {
		return nil, err
	}
	_, _, err := v.Get(outbox.ID{1})
	return []outbox.Entry{{ID: outbox.ID{1}, Keys: []string{"key"}, Uses: 1}}, err
}
