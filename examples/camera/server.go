package main

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/offlane/offlane/barcode"
)

//go:embed web
var web embed.FS

// Limits on what a page may send.
const (
	maxSide     = 1920        // pixels of a frame's longer side
	maxFrame    = 2 << 20     // pixels of a frame, a byte each
	perSecond   = 30          // frames of a stream
	frameBurst  = 10          // frames at once, after a pause
	maxStreams  = 8           // pages open at the same time
	maxList     = 400         // bytes of a list of formats
	forgetAfter = time.Minute // a stream without a frame
)

// policy lets the page load its own files and talk to this server, nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// newServer serves the page and its streams:
//
//	GET    /formats                           what can be read: {"formats": [...]}
//	POST   /streams?formats=F,G               opens a stream of all formats or of some: {"stream": "..."}
//	POST   /streams/{id}?width=W&height=H     a frame, W times H bytes of luma: {"seen": [...], "new": [...]}
//	DELETE /streams/{id}                      closes it
func newServer(formats []barcode.Format, teller teller) http.Handler {
	streams := newStreams(formats, teller)
	mux := http.NewServeMux()
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /formats", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string][]barcode.Format{"formats": streams.formats}, nil)
	})
	mux.HandleFunc("POST /streams", func(w http.ResponseWriter, r *http.Request) {
		var id string
		formats, err := streams.choose(r.URL.Query().Get("formats"))
		if err == nil {
			id, err = streams.open(formats, time.Now())
		}
		answer(w, map[string]string{"stream": id}, err)
	})
	mux.HandleFunc("POST /streams/{id}", func(w http.ResponseWriter, r *http.Request) {
		seen, err := streams.frame(w, r)
		answer(w, seen, err)
	})
	mux.HandleFunc("DELETE /streams/{id}", func(w http.ResponseWriter, r *http.Request) {
		streams.close(r.PathValue("id"))
		w.WriteHeader(http.StatusNoContent)
	})
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, nil, refusal{http.StatusForbidden, "another page may not send frames"})
	}))
	return guard(own.Handler(mux))
}

// guard sets what the browser must keep to, and refuses a name that a stranger's page had pointed at loopback.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !isLoopback(host) {
			answer(w, nil, refusal{http.StatusMisdirectedRequest,
				"this page is served to this machine alone; open it by its loopback address"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// A refusal is an error with the status that it is answered with.
type refusal struct {
	status int
	says   string
}

func (r refusal) Error() string { return r.says }

func answer(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
		var refused refusal
		if errors.As(err, &refused) {
			status = refused.status
		}
		value = map[string]string{"error": err.Error()}
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the page is gone: nobody to tell
}

// readFrame reads a frame into a buffer that the stream keeps.
func readFrame(w http.ResponseWriter, r *http.Request, buffer []byte) (barcode.Plane, error) {
	width, err1 := strconv.Atoi(r.URL.Query().Get("width"))
	height, err2 := strconv.Atoi(r.URL.Query().Get("height"))
	switch {
	case err1 != nil || err2 != nil || width < 1 || height < 1:
		return barcode.Plane{}, refusal{http.StatusBadRequest, "width and height must be whole numbers from 1"}
	case max(width, height) > maxSide || width*height > maxFrame:
		return barcode.Plane{}, refusal{http.StatusRequestEntityTooLarge, "the frame is too large: send it smaller"}
	}
	if cap(buffer) < width*height {
		buffer = make([]byte, width*height)
	}
	buffer = buffer[:width*height]
	body := http.MaxBytesReader(w, r.Body, int64(len(buffer)))
	if _, err := io.ReadFull(body, buffer); err != nil {
		return barcode.Plane{}, refusal{http.StatusBadRequest, "the frame has fewer bytes than width times height"}
	}
	if n, err := body.Read(make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) {
		return barcode.Plane{}, refusal{http.StatusBadRequest, "the frame has more bytes than width times height"}
	}
	return barcode.Plane{Pix: buffer, Width: width, Height: height}, nil
}
