package browsertest_test

import (
	"context"
	"flag"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/transporttest/browsertest"
)

var long = flag.Bool("long", false, "start a browser")

func TestPages(t *testing.T) {
	if !*long {
		t.Skip("it is played with the flag -long")
	}
	page, end := browsertest.Start(t, "user-agent=Offlane", "mute-audio")
	t.Cleanup(end)
	t.Run("a page is seen", func(t *testing.T) { isSeen(t, page) })
	t.Run("what cannot be seen fails", func(t *testing.T) { cannotBeSeen(t, page) })
}

func isSeen(t *testing.T, page context.Context) {
	require.NoError(t, chromedp.Do(page,
		chromedp.Navigate(`data:text/html,<p id=a>before</p>`+
			`<script>setTimeout(() => { a.textContent = "after" }, 20)</script>`)))
	browsertest.Until(t, page, `a.textContent == "after"`)
	assert.Equal(t, 3, browsertest.See[int](t, page, `Promise.resolve(1 + 2)`))
	assert.Equal(t, "Offlane", browsertest.See[string](t, page, `navigator.userAgent`), "a flag reaches the browser")
}

// A page that is closed fails the step that looks at it.
func cannotBeSeen(t *testing.T, page context.Context) {
	gone, cancel := context.WithCancel(page)
	cancel()
	for name, look := range map[string]func(testing.TB){
		"see":   func(t testing.TB) { browsertest.See[int](t, gone, `1`) },
		"until": func(t testing.TB) { browsertest.Until(t, gone, `false`) },
	} {
		failed := &failure{TB: t}
		ended := make(chan bool)
		go func() {
			defer close(ended)
			look(failed)
		}()
		<-ended
		assert.True(t, failed.fatal, name)
	}
}

// A failure notes that a test would have failed.
type failure struct {
	testing.TB
	fatal bool
}

func (f *failure) Fatalf(string, ...any) { f.fatal = true }
