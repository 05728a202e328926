// Package pages is what people see of a backend: the customer's page (accept an offer, show it at the till, see what
// follows) and the merchant's (campaigns, redemptions by day, lanes), as plain HTML, CSS and a little script, embedded.
//
// The customer's page works offline once it was opened: a service worker keeps it and the list of offers, and a script
// draws their symbols. The script keeps what can be used in a storage of its own as well, should the browser lose its
// cookies.
package pages

import (
	"embed"
	"net/http"

	"github.com/offlane/offlane/transport/backend"
)

//go:embed web
var web embed.FS

// policy lets a page run and show only what its own server serves.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; " +
	"worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// A page is one file as it is served.
type page struct{ file, kind string }

const (
	html   = "text/html; charset=utf-8"
	script = "text/javascript; charset=utf-8"
	style  = "text/css; charset=utf-8"
)

// modules are the scripts that the pages are made of, beside those that a browser asks for by itself.
func modules(names ...string) map[string]page {
	all := map[string]page{"/style.css": {"style.css", style}, "/icon.svg": {"icon.svg", "image/svg+xml"}}
	for _, name := range names {
		all["/"+name] = page{name, script}
	}
	return all
}

// Customer returns the customer's page at /, before the server's handler for everything under /v1/.
func Customer(server *backend.Server) http.Handler {
	all := modules("customer.js", "customer-words.js", "words.js", "worth.js", "kept.js", "qr.js", "worker.js")
	all["/"] = page{"customer.html", html}
	all["/manifest.webmanifest"] = page{"manifest.webmanifest", "application/manifest+json"}
	return serve(server, all)
}

// Merchant returns the merchant's page at /, before the server's management handler for the rest. It asks for a
// management key.
func Merchant(server *backend.Server) http.Handler {
	all := modules("merchant.js", "merchant-words.js", "words.js", "books.js", "chart.js", "campaigns.js", "records.js",
		"lanes.js", "effects.js", "access.js")
	all["/"] = page{"merchant.html", html}
	return serve(server.Management(), all)
}

func serve(rest http.Handler, pages map[string]page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, ok := pages[r.URL.Path]
		if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
			rest.ServeHTTP(w, r)
			return
		}
		content, err := web.ReadFile("web/" + p.file)
		if err != nil {
			http.Error(w, "this page is missing from the program", http.StatusInternalServerError)
			return
		}
		header := w.Header()
		header.Set("Content-Type", p.kind)
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Permissions-Policy", "screen-wake-lock=(self), camera=(), microphone=(), geolocation=()")
		header.Set("Cache-Control", "no-cache")
		if r.TLS != nil {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		w.Write(content) // a browser that went away is its own affair
	})
}
