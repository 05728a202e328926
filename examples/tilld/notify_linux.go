package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"
)

// notifySystemd tells systemd that the daemon is ready, every now and then that it is alive where systemd asks for it,
// and that it stops (sd_notify(3)). It returns when ctx ends.
func notifySystemd(ctx context.Context, log *slog.Logger) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		<-ctx.Done()
		return
	}
	conn, err := net.Dial("unixgram", name) // a leading @ is Linux's abstract name, to Go as to systemd
	if err != nil {
		log.Warn("systemd cannot be told", "error", err)
		<-ctx.Done()
		return
	}
	defer conn.Close()
	say := func(text string) {
		if _, err := conn.Write([]byte(text)); err != nil {
			log.Warn("systemd cannot be told", "error", err)
		}
	}
	say("READY=1")
	defer say("STOPPING=1")
	alive(ctx, func() { say("WATCHDOG=1") })
}

// alive calls say twice within the time after which systemd takes the daemon for hung, until ctx ends.
func alive(ctx context.Context, say func()) {
	within, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || within <= 0 {
		<-ctx.Done()
		return
	}
	ticks := time.NewTicker(time.Duration(within) * time.Microsecond / 2)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			say()
		case <-ctx.Done():
			return
		}
	}
}
