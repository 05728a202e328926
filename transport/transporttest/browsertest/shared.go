package browsertest

import (
	"context"
	"sync"
	"testing"
)

// A Shared is one browser for all tests of a package. The zero value is ready; the browser starts when a test first
// asks for it. Several goroutines may use it.
type Shared struct {
	// Flags are Chromium's own, as Start takes them. Nobody changes them after the first call of Page.
	Flags []string
	mu    sync.Mutex
	page  context.Context
	end   func()
}

// Page returns the browser's first page. Tests open windows beside it, with cookies of their own
// (chromedp.WithNewBrowserContext). Without Chromium the test is skipped; under CI=true it fails.
func (s *Shared) Page(t testing.TB) context.Context {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.page == nil {
		s.page, s.end = start(t, s.Flags)
	}
	return s.page
}

// Close ends the browser. TestMain calls it after all tests.
func (s *Shared) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		s.end()
	}
}
