package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"image"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// start runs the program and returns its address, and what ends it and returns its status.
func start(t *testing.T, args ...string) (url string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	out, in := io.Pipe()
	status := make(chan int, 1)
	go func() { status <- run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), in, in) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	url = regexp.MustCompile(`http://\S+/`).FindString(line)
	require.NotEmpty(t, url, line)
	return url, func() int { cancel(); return <-status }
}

// picture draws QR codes side by side, ten pixels apart.
func picture(t testing.TB, texts ...string) *image.Gray {
	t.Helper()
	frame := image.NewGray(image.Rect(0, 0, 640, 360))
	for i := range frame.Pix {
		frame.Pix[i] = 200
	}
	left := 20
	for _, text := range texts {
		d, err := barcode.Encode(barcode.QRCode, text, barcode.Encoding{})
		require.NoError(t, err)
		img := d.Image(6)
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				if d.Dark(x/6, y/6) {
					frame.Pix[frame.PixOffset(left+x, 40+y)] = 40
				}
			}
		}
		left += img.Bounds().Dx() + 10
	}
	return frame
}

func post(t *testing.T, url string, body []byte, header ...string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	var said map[string]any
	require.NoError(t, json.NewDecoder(response.Body).Decode(&said))
	return response.StatusCode, said
}

func open(t *testing.T, url string) (stream string) {
	t.Helper()
	status, said := post(t, url+"streams", nil)
	require.Equal(t, http.StatusOK, status, said)
	return url + "streams/" + said["stream"].(string)
}

func texts(symbols any) (out []string) {
	for _, s := range symbols.([]any) {
		out = append(out, s.(map[string]any)["text"].(string))
	}
	return out
}

func TestWhatIsHeldUpIsNewOnceAndSeenInEveryFrame(t *testing.T) {
	url, stop := start(t, "-formats", "qr_code")
	stream := open(t, url) + "?width=640&height=360"
	for i := range 3 {
		status, said := post(t, stream, picture(t, "FIRST", "<b>SECOND</b>").Pix)
		require.Equal(t, http.StatusOK, status, said)
		assert.ElementsMatch(t, []string{"FIRST", "<b>SECOND</b>"}, texts(said["seen"]))
		if i == 0 {
			assert.Len(t, said["new"], 2)
		} else {
			assert.Empty(t, said["new"])
		}
	}
	assert.Zero(t, stop())
}

func TestAPageChoosesFormats(t *testing.T) {
	url, _ := start(t, "-formats", "qr_code,ean13")
	response, err := http.Get(url + "formats")
	require.NoError(t, err)
	defer response.Body.Close()
	var said map[string][]string
	require.NoError(t, json.NewDecoder(response.Body).Decode(&said))
	assert.Equal(t, map[string][]string{"formats": {"qr_code", "ean13"}}, said)

	for list, want := range map[string]int{"": 1, "qr_code": 1, "ean13,qr_code": 1, "ean13": 0} {
		status, said := post(t, url+"streams?formats="+list, nil)
		require.Equal(t, http.StatusOK, status, "%q: %v", list, said)
		status, said = post(t, url+"streams/"+said["stream"].(string)+"?width=640&height=360", picture(t, "FIRST").Pix)
		require.Equal(t, http.StatusOK, status, "%q: %v", list, said)
		assert.Len(t, said["seen"], want, "formats %q", list)
		if want == 1 {
			words := said["new"].([]any)[0].(map[string]any)["words"]
			assert.Equal(t, []any{"This is no offer."}, words, "formats %q", list)
		}
	}
	for list, says := range map[string]string{"itf": "started without it", "semaphore": "semaphore",
		strings.Repeat(",", maxList+1): "too long"} {
		status, said := post(t, url+"streams?formats="+list, nil)
		assert.Equal(t, http.StatusBadRequest, status, "%.20q", list)
		assert.Contains(t, said["error"], says, "%.20q", list)
	}
}

func TestFramesThatDoNotFitAreRefused(t *testing.T) {
	url, _ := start(t)
	stream := open(t, url)
	for _, c := range []struct {
		query  string
		bytes  int
		status int
		says   string
	}{
		{"", 10, http.StatusBadRequest, "width and height"},
		{"?width=-1&height=5", 5, http.StatusBadRequest, "width and height"},
		{"?width=4&height=3", 11, http.StatusBadRequest, "fewer bytes"},
		{"?width=4&height=3", 13, http.StatusBadRequest, "more bytes"},
		{"?width=1921&height=1", 1921, http.StatusRequestEntityTooLarge, "too large"},
		{"?width=1900&height=1900", 10, http.StatusRequestEntityTooLarge, "too large"},
		{"?width=4&height=3", 12, http.StatusOK, ""},
		{"x?width=4&height=3", 12, http.StatusNotFound, "no such stream"},
	} {
		status, said := post(t, stream+c.query, make([]byte, c.bytes))
		assert.Equal(t, c.status, status, "%s: %v", c.query, said)
		if c.says != "" {
			assert.Contains(t, said["error"], c.says)
		}
	}
}

// The clock of the bubble stands still between the frames, however busy the machine is.
func TestTooManyFramesASecondAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newServer(nil, teller{})
		ask := func(path, body string) (int, map[string]string) {
			w := httptest.NewRecorder()
			server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://127.0.0.1/streams"+path, strings.NewReader(body)))
			said := map[string]string{}
			json.Unmarshal(w.Body.Bytes(), &said) // what is said of a frame is no such map
			return w.Code, said
		}
		_, opened := ask("", "")
		frame := "/" + opened["stream"] + "?width=1&height=1"
		for n := range 1 + frameBurst {
			status, _ := ask(frame, "x")
			assert.Equal(t, http.StatusOK, status, "frame %d of a burst", n)
		}
		status, _ := ask(frame, "x")
		assert.Equal(t, http.StatusTooManyRequests, status)
		time.Sleep(time.Second / perSecond)
		status, _ = ask(frame, "x")
		assert.Equal(t, http.StatusOK, status, "the rate allows one more")
		status, _ = ask(frame, "x")
		assert.Equal(t, http.StatusTooManyRequests, status, "and no second")
	})
}

func TestTooManyPagesAreRefusedUntilOneIsClosed(t *testing.T) {
	url, _ := start(t)
	var last string
	for range maxStreams {
		last = open(t, url)
	}
	status, said := post(t, url+"streams", nil)
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, said["error"], "close one")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, last, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	response.Body.Close()
	open(t, url)
}

func TestForgottenPagesGiveWay(t *testing.T) {
	s, now := newStreams(nil, teller{}), time.Now()
	for range maxStreams {
		_, err := s.open(nil, now)
		require.NoError(t, err)
	}
	_, err := s.open(nil, now)
	require.Error(t, err)
	_, err = s.open(nil, now.Add(forgetAfter+1))
	require.NoError(t, err)
}

func TestStrangersPagesAreRefused(t *testing.T) {
	url, _ := start(t)
	status, _ := post(t, url+"streams", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, http.StatusForbidden, status)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	request.Host = "evil.example"
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, http.StatusMisdirectedRequest, response.StatusCode)
}

func TestThePageMayDoNothingButItsWork(t *testing.T) {
	url, _ := start(t)
	for _, file := range []string{"", "camera.js", "camera.css"} {
		response, err := http.Get(url + file)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.NotEmpty(t, body)
		assert.Equal(t, policy, response.Header.Get("Content-Security-Policy"))
		assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	}
}

func TestWrongUsageExitsWithTwo(t *testing.T) {
	for _, args := range [][]string{
		{"-listen", "0.0.0.0:80"}, {"-listen", "example.com:80"}, {"-listen", "nowhere"}, {"-formats", "semaphore"}, {"x"},
		{"-no-such-flag"},
	} {
		var errs strings.Builder
		assert.Equal(t, 2, run(context.Background(), args, io.Discard, &errs), args)
		assert.NotEmpty(t, errs.String())
	}
}

func TestAnAddressInUseIsSaid(t *testing.T) {
	url, _ := start(t)
	var errs strings.Builder
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	assert.Equal(t, 1, run(context.Background(), []string{"-listen", address}, io.Discard, &errs))
	assert.Contains(t, errs.String(), address)
}
