package transporttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

func deviceMutations() []mutation {
	return []mutation{
		{"a script can read the cookies", []string{"device-cookies"},
			onCookies(func(c *http.Cookie) { c.HttpOnly = false })},
		{"other sites send the cookies", []string{"device-cookies"},
			onCookies(func(c *http.Cookie) { c.SameSite = http.SameSiteNoneMode })},
		{"the cookies are the whole domain's", []string{"device-cookies"},
			onCookies(func(c *http.Cookie) { c.Domain = "example.com" })},
		{"another host may set the cookies", []string{"device-cookies"}, unprefixed},
		{"a planted secret is taken", []string{"device-secret"}, takePlanted()},
		{"erasure takes the cookies alone", []string{"device-forgotten"}, eraseCookies},
		{"consent is only given", []string{"device-consent"}, keepConsent},
		{"bodies have no limit", []string{"body-limits"}, onBodies(shorten)},
		{"every body is unpacked", []string{"body-limits"}, onBodies(unpack)},
		{"a bomb is too much", []string{"gzip-bomb"}, burst},
	}
}

// onCookies changes every cookie that is set.
func onCookies(edit func(*http.Cookie)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			cookies := answer.Result().Cookies()
			answer.Header().Del("Set-Cookie")
			for _, c := range cookies {
				edit(c)
				answer.Header().Add("Set-Cookie", c.String())
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

// unprefixed takes the prefix off the cookies' names on their way out, and puts it back on their way in.
func unprefixed(next http.Handler) http.Handler {
	out := onCookies(func(c *http.Cookie) { c.Name = strings.TrimPrefix(c.Name, "__Host-") })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies := r.Cookies()
		r.Header.Del("Cookie")
		for _, c := range cookies {
			c.Name = "__Host-" + c.Name
			r.AddCookie(c)
		}
		out(next).ServeHTTP(w, r)
	})
}

// takePlanted lets a device keep the secret that it came with: the backend's own stands behind it.
func takePlanted() func(http.Handler) http.Handler {
	var mu sync.Mutex
	behind := map[string]string{}
	isSecret := func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "offlane_device") }
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			cookies, came := r.Cookies(), ""
			r.Header.Del("Cookie")
			for _, c := range cookies {
				if isSecret(c) {
					if came = c.Value; behind[came] != "" {
						c.Value = behind[came]
					}
				}
				r.AddCookie(c)
			}
			onCookies(func(c *http.Cookie) {
				if isSecret(c) && came != "" && c.Value != "" {
					behind[came], c.Value = c.Value, came
				}
			})(next).ServeHTTP(w, r)
		})
	}
}

func eraseCookies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodDelete {
			next.ServeHTTP(w, r)
			return
		}
		for _, c := range r.Cookies() {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func keepConsent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", wire.ContentType)
		wire.Write(w, wire.Consent{})
	})
}

// onBodies changes the bodies of enrolments.
func onBodies(edit func(*http.Request, []byte) []byte) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			if r.URL.Path == wire.PathTerminals {
				raw = edit(r, raw)
			}
			next.ServeHTTP(w, again(r, raw))
		})
	}
}

// shorten leaves out what an enrolment does not have.
func shorten(_ *http.Request, raw []byte) []byte {
	var e wire.Enrolment
	var short bytes.Buffer
	if json.Unmarshal(raw, &e) != nil || wire.Write(&short, e) != nil {
		return raw
	}
	return short.Bytes()
}

func unpack(r *http.Request, raw []byte) []byte {
	raw = plain(r.Header, raw)
	r.Header.Del("Content-Encoding")
	return raw
}

// burst fails with what a report of this version never becomes.
func burst(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if len(plain(r.Header, raw)) == wire.MaxBody {
			(&visit{w: w, r: r}).refuse(fault.New(fault.Internal, "", "out of memory"))
			return
		}
		next.ServeHTTP(w, again(r, raw))
	})
}
