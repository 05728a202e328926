package pictures_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/local/localtest"
	"github.com/offlane/offlane/transport/local/pictures"
)

// serve is a service with pictures, held to the contract.
func serve(t *testing.T) http.Handler {
	t.Helper()
	terminal, err := redeem.Open(t.Context(), t.TempDir(), redeem.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { terminal.Close() })
	service, err := local.New(local.Config{Terminal: terminal, Calls: pictures.Calls()})
	require.NoError(t, err)
	return localtest.NewWitness(t, service)
}

func post(t *testing.T, handler http.Handler, path, kind string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/v1/"+path, body)
	r.Header.Set("Content-Type", kind)
	r.Header.Set(local.Header, local.Version)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// A read is an answer of read-picture.
type read struct {
	Symbols []struct {
		Format, Text, Scanned string
		Corners               []struct{ X, Y float64 }
	}
}

func readOf(t *testing.T, w *httptest.ResponseRecorder) (got read) {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	return got
}

func TestWhatIsDrawnIsRead(t *testing.T) {
	service := serve(t)
	for _, format := range []string{"qr_code", "code128", "data_matrix", "aztec"} {
		w := post(t, service, "draw", "application/json", strings.NewReader(`{"text":"OL1:AB12","format":"`+format+`"}`))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		got := readOf(t, post(t, service, "read-picture", "image/png", w.Body))
		require.Len(t, got.Symbols, 1, format)
		assert.Equal(t, format, got.Symbols[0].Format)
		assert.Equal(t, "OL1:AB12", got.Symbols[0].Text)
		assert.Regexp(t, `^\][A-Za-z]\dOL1:AB12$`, got.Symbols[0].Scanned, "as a scanner transmits it")
		assert.Len(t, got.Symbols[0].Corners, 4)
	}
	w := post(t, service, "draw", "application/json", strings.NewReader(`{"text":"x","format":"qr_code","as":"svg"}`))
	assert.Equal(t, "image/svg+xml", w.Header().Get("Content-Type"))
	assert.Contains(t, w.Body.String(), "<svg")
}

// gray is a picture of a QR code.
func gray(t *testing.T) *image.Gray {
	t.Helper()
	d, err := barcode.Encode(barcode.QRCode, "OL1:FRAME", barcode.Encoding{})
	require.NoError(t, err)
	from := d.Image(6)
	plane := image.NewGray(from.Bounds())
	for y := range plane.Rect.Dy() {
		for x := range plane.Rect.Dx() {
			plane.Set(x, y, from.At(x, y))
		}
	}
	return plane
}

func TestPicturesOfAllKindsAndFramesAreRead(t *testing.T) {
	service, plane := serve(t), gray(t)
	var asJPEG, asGIF bytes.Buffer
	require.NoError(t, jpeg.Encode(&asJPEG, plane, nil))
	paletted := image.NewPaletted(plane.Rect, color.Palette{color.Black, color.White})
	for i, v := range plane.Pix {
		paletted.Pix[i] = v >> 7
	}
	require.NoError(t, gif.Encode(&asGIF, paletted, nil))
	n := plane.Rect.Dx()
	frame := "read-picture?width=" + itoa(n) + "&height=" + itoa(n) + "&stride=" + itoa(plane.Stride)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"JPEG":  post(t, service, "read-picture", "image/jpeg", &asJPEG),
		"GIF":   post(t, service, "read-picture", "image/gif", &asGIF),
		"frame": post(t, service, frame, "application/octet-stream", bytes.NewReader(plane.Pix)),
	} {
		got := readOf(t, w)
		require.Len(t, got.Symbols, 1, name)
		assert.Equal(t, "OL1:FRAME", got.Symbols[0].Text, name)
	}
	blank := make([]byte, 100*100)
	w := post(t, service, "read-picture?width=100&height=100", "application/octet-stream", bytes.NewReader(blank))
	assert.Empty(t, readOf(t, w).Symbols, "none is no error")
}

func itoa(n int) string {
	text, _ := json.Marshal(n)
	return string(text)
}

// bomb is a PNG of some bytes that claims to be huge.
func bomb() []byte {
	header := []byte("IHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x00\x00\x00\x00") // 65,536 by 65,536
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(header))
}

func TestWhatCannotBeReadOrDrawnIsRefused(t *testing.T) {
	service := serve(t)
	for name, c := range map[string]struct {
		path, kind string
		body       []byte
		status     int
		code       fault.Code
	}{
		"no picture":       {"read-picture", "image/png", []byte("hello"), 400, fault.Unreadable},
		"nothing":          {"read-picture", "image/png", nil, 400, fault.Unreadable},
		"a bomb":           {"read-picture", "image/png", bomb(), 413, fault.TooLarge},
		"more than 20 MB":  {"read-picture", "image/png", make([]byte, 20_000_001), 413, fault.TooLarge},
		"a frame, no size": {"read-picture", "application/octet-stream", make([]byte, 9), 400, fault.InvalidRequest},
		"a frame, no number": {"read-picture?width=x&height=3", "application/octet-stream", make([]byte, 9), 400,
			fault.InvalidRequest},
		"a frame, short": {"read-picture?width=4&height=3", "application/octet-stream", make([]byte, 9), 400,
			fault.Unreadable},
		"a frame, huge": {"read-picture?width=65536&height=65536", "application/octet-stream", nil, 413, fault.TooLarge},
		"no format":     {"draw", "application/json", []byte(`{"text":"x","format":"pdf417"}`), 400, fault.InvalidRequest},
		"not drawn":     {"draw", "application/json", []byte(`{"text":"x","format":"ean13"}`), 400, fault.InvalidRequest},
		"too much": {"draw", "application/json", []byte(`{"text":"` + strings.Repeat("é",
			4000) + `","format":"qr_code"}`), 400, fault.InvalidRequest},
		"no kind": {"draw", "application/json", []byte(`{"text":"x","format":"qr_code","as":"bmp"}`), 400,
			fault.InvalidRequest},
		"huge modules": {"draw", "application/json", []byte(`{"text":"x","format":"qr_code","scale":65}`), 400,
			fault.InvalidRequest},
		"a field": {"draw", "application/json", []byte(`{"text":"x","format":"qr_code","size":1}`), 400,
			fault.InvalidRequest},
		"a long text": {"draw", "application/json", []byte(`{"text":"` + strings.Repeat("x", 65<<10) + `"}`), 413,
			fault.TooLarge},
	} {
		w := post(t, service, c.path, c.kind, bytes.NewReader(c.body))
		assert.Equal(t, c.status, w.Code, "%s: %.300s", name, w.Body)
		var p struct{ Code fault.Code }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p), name)
		assert.Equal(t, c.code, p.Code, name)
	}
}

func FuzzReadPicture(f *testing.F) {
	f.Add(bomb(), "image/png", uint16(3), uint16(3))
	f.Add(make([]byte, 9), "application/octet-stream", uint16(3), uint16(3))
	handler := pictures.Calls()["read-picture"]
	f.Fuzz(func(t *testing.T, body []byte, kind string, width, height uint16) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/read-picture", bytes.NewReader(body))
		r.URL.RawQuery = "width=" + itoa(int(width)) + "&height=" + itoa(int(height))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		if err := handler(w, r); err != nil {
			assert.NotEmpty(t, fault.CodeOf(err), "an error has a code: %v", err)
			assert.Zero(t, w.Body.Len(), "nothing is written before an error")
		}
	})
}
