// Package browsertest opens pages in a real Chromium, for tests of what people see.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a browser may take for one step.
const patience = 60 * time.Second

// Start starts Chromium without a window and returns its first page, for chromedp, and what ends the browser. Tests may
// open windows beside that page, with cookies of their own (chromedp.WithNewBrowserContext). Flags are Chromium's own,
// as "name" or "name=value". Without Chromium the test is skipped; under CI=true it fails.
func Start(t testing.TB, flags ...string) (page context.Context, end func()) {
	t.Helper()
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options(t, flags)...)
	page, endPage := chromedp.NewContext(allocator)
	end = func() { endPage(); endAllocator() }
	if err := chromedp.Do(page); err != nil {
		end()
		t.Fatalf("Chromium does not start: %v", err)
	}
	return page, end
}

func options(t testing.TB, flags []string) []chromedp.ExecAllocatorOption {
	t.Helper()
	all := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(find(t)), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.WindowSize(800, 900))
	for _, flag := range flags {
		name, value, valued := strings.Cut(flag, "=")
		if !valued {
			all = append(all, chromedp.Flag(name, true))
			continue
		}
		all = append(all, chromedp.Flag(name, value))
	}
	return all
}

// find returns where Chromium is.
func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "left out: Chromium is not installed"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// Until waits for an expression to become true in the page.
func Until(t testing.TB, page context.Context, expression string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(page, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression,
		chromedp.WithPollingInterval(50*time.Millisecond))); err != nil {
		says, _ := chromedp.Run(page, chromedp.Evaluate[string](`document.body.innerText`))
		t.Fatalf("%s: %v; the page says %q", expression, err, says)
	}
}

// See evaluates an expression in the page, and waits for it where it is a promise.
func See[T any](t testing.TB, page context.Context, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(page, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}
