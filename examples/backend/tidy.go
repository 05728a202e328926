package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/offlane/offlane/transport/backend"
)

// tidyEvery is how often what is no longer needed is removed.
const tidyEvery = 24 * time.Hour

// keepTidy removes what is no longer needed at once and then once a day, until ctx ends or stop is called.
func keepTidy(ctx context.Context, log *slog.Logger, server *backend.Server) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(tidyEvery)
		defer ticker.Stop()
		for {
			tidy(ctx, log, server)
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// tidy calls as long as there is more.
func tidy(ctx context.Context, log *slog.Logger, server *backend.Server) {
	for more := true; more && ctx.Err() == nil; {
		removed, err := server.Tidy(ctx)
		if err != nil && ctx.Err() == nil {
			log.Error("what is no longer needed was not removed", "error", err)
		}
		if removed.Offers+removed.Records+removed.Operators+removed.Answers+removed.Trials > 0 {
			log.Info("removed", "offers", removed.Offers, "records", removed.Records, "operators", removed.Operators,
				"answers", removed.Answers, "closed", removed.Trials)
		}
		more = removed.More && err == nil
	}
}
