package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/transporttest/browsertest"
)

// The film that the fake camera shows, in frames. It begins anew after the last pause, which is the longest.
const (
	filmWidth, filmHeight = 480, 360
	filmRate              = 10
	shown, between, last  = 20, 8, 23
	unlikely              = "\x1dtwo <b>lines</b>" // what a page must neither swallow nor run
)

// Flags of Chromium: the page may use a camera without asking, and the camera is a fake one.
const (
	fakeConsent = "use-fake-ui-for-media-stream"
	fakeCamera  = "use-fake-device-for-media-stream"
)

// TestAPhoneHeldUpToTheCameraIsOneScan shows a film to the browser's camera: one code for a while, moving a little,
// then nothing, then another. Then it switches the camera off and on, and the server goes away.
func TestAPhoneHeldUpToTheCameraIsOneScan(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	url, stop := start(t, "-formats", "qr_code")
	page, end := browsertest.Start(t, fakeConsent, fakeCamera, "use-file-for-fake-video-capture="+film(t, "FIRST OFFER",
		unlikely))
	t.Cleanup(end)
	require.NoError(t, chromedp.Do(page, chromedp.Navigate(url), chromedp.Click("#toggle")))

	browsertest.Until(t, page, `document.querySelectorAll("#overlay polygon").length == 1 &&
		(window.corners = document.querySelector("#overlay polygon").getAttribute("points")) != ""`)
	checkCorners(t, browsertest.See[string](t, page, `window.corners`)) // the next frame may show nothing
	keepShot(t, page)
	browsertest.Until(t, page, `document.querySelectorAll("#scans li").length >= 2`)

	listed := browsertest.See[[]string](t, page, `[...document.querySelectorAll("#scans code")].map(c => c.textContent)`)
	assert.Equal(t, []string{"␝two <b>lines</b>", "FIRST OFFER"}, listed, "each once, however long it was held up")
	assert.Equal(t, "Looking.", browsertest.See[string](t, page, `document.getElementById("status").textContent`))

	require.NoError(t, chromedp.Do(page, chromedp.Click("#toggle")))
	browsertest.Until(t, page, `document.getElementById("status").textContent == "Stopped." &&
		document.getElementById("video").srcObject == null`)
	require.NoError(t, chromedp.Do(page, chromedp.Click("#toggle")))
	browsertest.Until(t, page, `document.getElementById("status").textContent == "Looking."`)
	assert.Zero(t, stop())
	browsertest.Until(t, page, `document.getElementById("status").textContent.startsWith("The camera stopped")`)
}

var long = flag.Bool("long", false, "start browsers: two with a film before the camera, and one without a camera")

// inLongTests skips a test without the flag -long. Each starts a browser of its own, whose camera has one film.
func inLongTests(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("it is played with the flag -long")
	}
}

// TestThePageSaysInWordsWhatWasRead holds a pass up, once with its format switched off.
func TestThePageSaysInWordsWhatWasRead(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	keys, err := json.Marshal([]offer.Key{issuerNamed("acme").Key()})
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(name, keys, 0o600))
	url, _ := start(t, "-formats", "qr_code,code128", "-keys", name)
	page, end := browsertest.Start(t, fakeConsent, fakeCamera, "use-file-for-fake-video-capture="+film(t,
		passOf(t, issuerNamed("acme"), time.Now())))
	t.Cleanup(end)
	require.NoError(t, chromedp.Do(page, chromedp.Navigate(url)))
	browsertest.Until(t, page, `document.querySelectorAll("#formats input").length == 2`)
	tick := func(n int) {
		browsertest.See[bool](t, page, fmt.Sprintf(`document.querySelectorAll("#formats input")[%d].click() || true`, n))
	}

	tick(0)
	tick(1)
	require.NoError(t, chromedp.Do(page, chromedp.Click("#toggle")))
	browsertest.Until(t, page, `document.getElementById("status").textContent == "No format is chosen."`)
	tick(0)
	browsertest.Until(t, page, `document.querySelectorAll("#scans li").length == 1`)
	words := browsertest.See[string](t, page, `document.querySelector("#scans .words").textContent`)
	assert.Regexp(t, `^It is an offer: a signed pass of acme, campaign tea\. It is genuine: acme signed it\. `+
		`It is valid until \d+ \w+ \d+, \d\d:\d\d\.$`, words)

	tick(0)
	browsertest.Until(t, page, `document.getElementById("status").textContent == "No format is chosen."`)
	tick(1)
	browsertest.Until(t, page, `document.getElementById("status").textContent == "Looking."`)
	assert.Equal(t, 1, browsertest.See[int](t, page, `document.querySelectorAll("#scans li").length`), "its format is off")
}

func TestThePageSaysThatThereIsNoCamera(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	url, _ := start(t)
	page, end := browsertest.Start(t, fakeConsent)
	t.Cleanup(end)
	require.NoError(t, chromedp.Do(page, chromedp.Navigate(url), chromedp.Click("#toggle")))
	browsertest.Until(t, page, `document.getElementById("status").textContent == "There is no camera."`)
	assert.Equal(t, "Start the camera", browsertest.See[string](t, page, `document.getElementById("toggle").textContent`))
}

// checkCorners compares the drawn corners with where the film shows the symbol, which moves by 24 pixels at most.
func checkCorners(t *testing.T, points string) {
	t.Helper()
	corners := strings.Fields(points)
	require.Len(t, corners, 4)
	for i, want := range [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		var x, y float64
		_, err := fmt.Sscanf(corners[i], "%f,%f", &x, &y)
		require.NoError(t, err)
		assert.InDelta(t, filmWidth/2+want[0]*symbolSize/2, x, 30, points)
		assert.InDelta(t, filmHeight/2+want[1]*symbolSize/2, y, 30, points)
	}
}

// keepShot writes a picture of the page beside the test's artifacts (go test -artifacts).
func keepShot(t *testing.T, page context.Context) {
	t.Helper()
	shot, err := chromedp.Run(page, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(t.ArtifactDir(), "page.png"), shot, 0o600))
	_, err = png.DecodeConfig(strings.NewReader(string(shot)))
	require.NoError(t, err)
}

// symbolSize is the side of the symbol in the film, in pixels.
const symbolSize = 168

// film writes frames of these texts held up one after the other with pauses between, as raw video that Chromium takes.
func film(t *testing.T, texts ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "film.y4m")
	f, err := os.Create(name)
	require.NoError(t, err)
	defer f.Close()
	out := bufio.NewWriter(f)
	fmt.Fprintf(out, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n", filmWidth, filmHeight, filmRate)
	gray := strings.Repeat("\x80", filmWidth*filmHeight/2)
	frame := func(picture *image.Gray) {
		out.WriteString("FRAME\n")
		out.Write(picture.Pix)
		out.WriteString(gray)
	}
	for _, text := range texts {
		d, err := barcode.Encode(barcode.QRCode, text, barcode.Encoding{})
		require.NoError(t, err)
		for i := range between + shown {
			frame(held(d, i-between))
		}
	}
	for range last {
		frame(held(nil, -1))
	}
	require.NoError(t, out.Flush())
	return name
}

// held is a frame of a phone that a hand moves a little; before moment 0 there is none. The light falls off to the
// right, and the picture is noisy.
func held(d *barcode.Drawing, moment int) *image.Gray {
	random := rand.New(rand.NewPCG(uint64(moment), 1))
	frame := image.NewGray(image.Rect(0, 0, filmWidth, filmHeight))
	n, module := 0, 1.0
	if moment >= 0 {
		n, _ = d.Size()
		module = symbolSize / float64(n-8) // without the quiet zone
	}
	angle, shift := 0.1*math.Sin(float64(moment)/4), 10*math.Cos(float64(moment)/3)
	sin, cos := math.Sincos(angle)
	for i := range frame.Pix {
		x, y := float64(i%filmWidth)-filmWidth/2-shift, float64(i/filmWidth)-filmHeight/2
		u, v := (x*cos+y*sin)/module+float64(n)/2, (y*cos-x*sin)/module+float64(n)/2
		luma := 90.0
		if moment >= 0 && u >= 0 && v >= 0 && u < float64(n) && v < float64(n) {
			luma = 210
			if d.Dark(int(u), int(v)) {
				luma = 40
			}
		}
		luma *= 1 - 0.3*float64(i%filmWidth)/filmWidth
		frame.Pix[i] = byte(max(0, min(255, luma+4*random.NormFloat64())))
	}
	return frame
}
