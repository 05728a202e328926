package transporttest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"

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
		{"each reload counts", []string{"measured-once"}, onEffects(func(e *wire.Effect) { e.Seen *= 3 })},
		{"who did not agree is measured", []string{"measured-once"}, onConsent(func(c *wire.Consent) {
			c.Measurement, c.Text = true, "any"
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

// onEffects changes what a merchant is told of each campaign.
func onEffects(edit func(*wire.Effect)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding") // the answer is read here
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			var body wire.Effects
			if r.URL.Path == wire.PathEffects && json.Unmarshal(answer.Body.Bytes(), &body) == nil {
				for i := range body.Effects {
					edit(&body.Effects[i])
				}
				answer.Body.Reset()
				wire.Write(answer.Body, body)
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}
