package transporttest

import (
	"bytes"
	"net/http"

	"github.com/offlane/offlane/transport/wire"
)

func consentMutations() []mutation {
	return []mutation{
		{"who agrees to one purpose agrees to all", []string{"consent-by-purpose"}, onConsent(func(c *wire.Consent) {
			c.Personal, c.Export, c.Text = true, true, "any"
		})},
		{"the text is not looked at", []string{"consent-by-purpose"}, onConsent(func(c *wire.Consent) { c.Text = "any" })},
		{"Global Privacy Control is passed over", []string{"privacy-signal"}, onRequests(func(r *http.Request) {
			r.Header.Del("Sec-GPC")
		})},
	}
}

// onConsent changes every consent before the backend sees it.
func onConsent(edit func(*wire.Consent)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wire.PathConsent && r.Method == http.MethodPut {
				var raw bytes.Buffer
				raw.ReadFrom(r.Body)
				r = edited(r, raw.Bytes(), edit)
			}
			next.ServeHTTP(w, r)
		})
	}
}
