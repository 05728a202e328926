package transporttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/offlane/offlane/transport/wire"
)

func answerMutations() []mutation {
	return []mutation{
		{"anybody's customers are answered", []string{"follow-up-needs-agreement"}, onRefusal(wire.PathCampaigns,
			dropFollowUps)},
		{"a device may have any number", []string{"limit-per-device"}, onStatus(http.StatusConflict,
			wire.PathDeviceOffers, asNewDevice)},
		{"a change withdraws what is out", []string{"change-keeps-passes"}, onChange(true)},
		{"a change changes nothing", []string{"change-keeps-passes"}, onChange(false)},
		{"a dismissal is forgotten", []string{"dismissed"}, onEvents(false)},
		{"a token is anybody's", []string{"dismissed"}, onEvents(true)},
		{"cookies hold the newest identifier alone", []string{"identifiers-held"}, onCookies(func(c *http.Cookie) {
			if strings.HasSuffix(c.Name, "offlane_held") {
				c.Value = c.Value[max(0, len(c.Value)-28):]
			}
		})},
		{"a bearer that was not made is passed over", []string{"bearer-secret"}, onStatus(http.StatusUnauthorized,
			wire.PathDeviceOffers, withoutBearer)},
		{"a device with a bearer has cookies as well", []string{"bearer-secret"}, alsoCookies},
		{"every origin is allowed", []string{"origin-needs-merchant"}, allowAll},
		{"no origin is allowed", []string{"origin-needs-merchant"}, allowNone},
		{"any day is closed", []string{"open-day"}, closeAny},
	}
}

// edited is a request with a body of T that was changed.
func edited[T any](r *http.Request, raw []byte, edit func(*T)) *http.Request {
	var v T
	var body bytes.Buffer
	if json.Unmarshal(raw, &v) != nil {
		return again(r, raw)
	}
	edit(&v)
	if wire.Write(&body, v) != nil {
		return again(r, raw)
	}
	return again(r, body.Bytes())
}

func dropFollowUps(r *http.Request, raw []byte) *http.Request {
	return edited(r, raw, func(c *wire.Campaign) { c.FollowUps = nil })
}

func asNewDevice(r *http.Request, raw []byte) *http.Request {
	r = again(r, raw)
	r.Header.Del("Cookie")
	return r
}

func withoutBearer(r *http.Request, raw []byte) *http.Request {
	r = again(r, raw)
	r.Header.Del("Authorization")
	return r
}

// onEvents takes every event and passes none on, or passes on and takes what was refused.
func onEvents(pass bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != wire.PathDeviceEvents {
				next.ServeHTTP(w, r)
				return
			}
			if !pass {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			next.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusNoContent)
		})
	}
}

// onChange has a change of a campaign withdraw it as well, or answers it and passes nothing on.
func onChange(withdraw bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			isChange := r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, wire.PathCampaigns) &&
				!strings.HasSuffix(r.URL.Path, "/state")
			switch {
			case !isChange:
				next.ServeHTTP(w, r)
			case withdraw:
				next.ServeHTTP(w, r)
				state := httptest.NewRequest(http.MethodPut, r.URL.Path+"/state", strings.NewReader(`{"state":"revoked"}`))
				state.Header = r.Header.Clone()
				state.Header.Del("Content-Length")
				next.ServeHTTP(httptest.NewRecorder(), state)
			default:
				w.Header().Set("Content-Type", wire.ContentType)
				io.Copy(w, r.Body)
			}
		})
	}
}

// alsoCookies sets a cookie with every acceptance.
func alsoCookies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.PathDeviceOffers && r.Method == http.MethodPost {
			http.SetCookie(w, &http.Cookie{Name: "offlane_other", Value: "x", Path: "/", HttpOnly: true,
				SameSite: http.SameSiteLaxMode})
		}
		next.ServeHTTP(w, r)
	})
}

func allowAll(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.WriteHeader(http.StatusNoContent)
	})
}

func allowNone(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			r.Header.Set("Origin", "https://nobody.example")
		}
		next.ServeHTTP(w, r)
	})
}

// closeAny has a statement of every day.
func closeAny(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != wire.PathStatement {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", wire.ContentType)
		wire.Write(w, wire.DayStatement{Settlements: []wire.Settlement{}})
	})
}
