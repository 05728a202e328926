package local

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
)

// Header is the header that every POST has, with Version as its value. A page of another origin cannot send it unless
// Access allows the page, and a client of another contract is told so.
const Header = "Offlane-Local"

// An Access says who may call a local service. The zero value lets in every program of this machine that reaches the
// listener, and no web page: right for a Unix socket whose file only the till's user can open. Whoever listens on an
// address sets Admit.
type Access struct {
	// Admit reports whether the bearer of a token (RFC 6750, section 2.1) may call, for a page of origin or, where that
	// is empty, for a program; nil: everybody may. It compares in constant time.
	Admit func(token, origin string) bool
	// Origins are the pages that may call, as browsers name them, such as "https://pos.example"; none: no page may.
	Origins []string
}

// allowedHeaders are those that a page may send.
const allowedHeaders = "Authorization, Content-Type, Accept-Language, " + Header

// Guard returns a handler that hands on to next what may call, and answers everything else by a problem: 403 for a host
// that is not this machine (as by DNS rebinding), for a page that is not allowed, and for a POST without Header; 422
// for a Header of another version; 401 for a token that is missing or wrong. GET needs no Header.
func (a Access) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if err := a.checkPlace(r, origin); err != nil {
			refuseAccess(w, r, http.StatusForbidden, err)
			return
		}
		if origin != "" {
			a.allowPage(w.Header(), origin)
			if r.Method == http.MethodOptions {
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		if status, err := a.checkCaller(r, origin); err != nil {
			refuseAccess(w, r, status, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkPlace refuses hosts that are not this machine and pages that are not allowed.
func (a Access) checkPlace(r *http.Request, origin string) error {
	switch {
	case !isLoopback(r.Host):
		return fault.New(fault.Forbidden, "local", "the host %.80q is not this machine: call localhost or 127.0.0.1", r.Host)
	case len(r.Header.Values("Origin")) > 1, origin != "" && !slices.Contains(a.Origins, origin):
		return fault.New(fault.Forbidden, "local", "the page %.80q may not call: its origin is not configured", origin)
	}
	return nil
}

// isLoopback reports whether a Host header names this machine.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// allowPage lets a browser hand the answer to the page (Fetch Standard, section 3.3), also from a public to a local
// address.
func (a Access) allowPage(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	h.Set("Access-Control-Allow-Private-Network", "true")
	h.Set("Access-Control-Max-Age", "600")
}

// checkCaller refuses calls without the header of the contract, and who has no token.
func (a Access) checkCaller(r *http.Request, origin string) (status int, err error) {
	version := r.Header.Get(Header)
	switch {
	case version == "" && r.Method != http.MethodGet && r.Method != http.MethodHead:
		return http.StatusForbidden, fault.New(fault.Forbidden, "local", "the header %s is missing: send %s", Header, Version)
	case version != "" && version != Version:
		return http.StatusUnprocessableEntity, fault.New(fault.UnsupportedVersion, "local",
			"the client speaks version %.20q of the contract, and this service %s", version, Version)
	case a.Admit == nil:
		return 0, nil
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !a.Admit(token, origin) {
		return http.StatusUnauthorized, fault.New(fault.Unauthorized, "local", "the token is missing or wrong")
	}
	return 0, nil
}

func refuseAccess(w http.ResponseWriter, r *http.Request, status int, err error) {
	var s Service // for the built-in texts
	language := s.texts.Choose(r.Header.Get("Accept-Language"))
	p := s.problem(language, err)
	p.Status = status
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	write(w, status, problemType, p)
}
