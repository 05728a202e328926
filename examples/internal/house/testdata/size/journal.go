//go:build journal

package main

import (
	"context"
	"log/slog"

	"github.com/offlane/offlane/redeem/journal"
)

func store(log *slog.Logger, dir string) {
	ctx := context.Background()
	l, err := journal.Open(ctx, dir, journal.Config{Key: make([]byte, 32), Logger: log})
	if err != nil {
		panic(err)
	}
	log.Info("stored", "error", l.Append(ctx, see))
	batch, err := l.Pending(100, 1<<20)
	log.Info("pending", "error", err)
	for _, s := range batch {
		log.Info("settled", "error", l.Settle(ctx, []journal.Settlement{{Ref: s.ID}}, s.Attachment,
			journal.Note{Slot: "cursor"}))
		log.Info("over", "error", l.HandOver(ctx, s.ID), "again", l.Requeue(ctx, s.ID))
		_, _, err := l.Get(s.ID)
		log.Info("read", "error", err)
	}
	for s, err := range l.History() {
		log.Info("history", "id", s.ID, "error", err)
	}
	l.Verdicts()(func(journal.Stored, error) bool { return true })
	l.Evidence(journal.ID{1})(func(journal.Evidence, error) bool { return true })
	l.Note("cursor")
	log.Info("kept", "stats", l.Stats(), "damage", l.Damage(), "note", l.PutNote(ctx, "cursor", nil))
	log.Info("sound", "tidy", l.Tidy(ctx), "close", l.Close())
}

func see(v *journal.View) ([]journal.Entry, error) {
	v.Next()
	v.Uses("key")
	v.State(journal.ID{1})
	v.Note("cursor")
	if _, err := v.Find("key"); err != nil {
		return nil, err
	}
	_, _, err := v.Get(journal.ID{1})
	return []journal.Entry{{ID: journal.ID{1}, CountedKeys: []string{"key"}, Uses: 1}}, err
}
