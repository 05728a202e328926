package pages_test

import (
	"context"
	"sync"
	"testing"

	"github.com/offlane/offlane/transport/transporttest/browsertest"
)

// chromium is the browser of all tests.
var chromium sharedBrowser

// A sharedBrowser starts when a test first asks for it. Several goroutines may use it.
type sharedBrowser struct {
	mu   sync.Mutex
	main context.Context
	end  func()
}

// page returns the browser's first page. The browser takes the certificate of a test's server, finds each phone's host
// on loopback, and shows the pages of all hosts by two processes.
func (b *sharedBrowser) page(t testing.TB) context.Context {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.main == nil {
		b.main, b.end = browsertest.Start(t, "ignore-certificate-errors",
			"host-resolver-rules=MAP *.localhost 127.0.0.1", "renderer-process-limit=2", "disable-site-isolation-trials",
			"disable-features=Translate,IsolateOrigins,site-per-process,SpareRendererForSitePerProcess")
	}
	return b.main
}

// close ends the browser after all tests.
func (b *sharedBrowser) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end != nil {
		b.end()
	}
}
