package transporttest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A visit is one request on its way through the gate.
type visit struct {
	gate   *Gate
	w      http.ResponseWriter
	r      *http.Request
	wait   time.Duration
	status int
}

// acts are what the faults do. Those that break the connection panic with http.ErrAbortHandler, as net/http asks for.
var acts = map[Fault]func(*visit){
	Latency:        func(v *visit) { v.sleep(); v.pass() },
	Refused:        func(*visit) { panic(http.ErrAbortHandler) },
	BadCertificate: func(*visit) { panic(http.ErrAbortHandler) },
	Portal:         (*visit).portal,
	PortalRedirect: func(v *visit) { http.Redirect(v.w, v.r, "http://portal.example.com/login", http.StatusFound) },
	ProxyAuth:      func(v *visit) { http.Error(v.w, "Proxy Authentication Required", http.StatusProxyAuthRequired) },
	FewerItems: func(v *visit) {
		v.edit(func(items []record.Verdict) []record.Verdict { return items[:len(items)/2] })
	},
	OtherItems:    func(v *visit) { v.edit(others) },
	RepeatedItems: func(v *visit) { v.edit(repeatFirst) },
	ResetBefore:   func(*visit) { panic(http.ErrAbortHandler) },
	ResetAfter:    func(v *visit) { v.deliver(); panic(http.ErrAbortHandler) },
	AnswerLost:    func(v *visit) { v.deliver(); v.sleep(); panic(http.ErrAbortHandler) },
	Busy:          (*visit).busy,
	ServerError:   func(v *visit) { http.Error(v.w, "Internal Server Error", http.StatusInternalServerError) },
	SlowBody:      (*visit).slow,
	CutBody:       (*visit).cut,
	Duplicate:     (*visit).twice,
	Reordered:     (*visit).hold,
	ExpiredToken:  func(v *visit) { v.refuse(fault.New(fault.Unauthorized, "", "the token has expired")) },
	ClockSkew:     (*visit).passSkewed,
}

// pass hands the request on and the answer back.
func (v *visit) pass() { v.send(v.deliver()) }

// deliver hands the request on and keeps the answer.
func (v *visit) deliver() *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	v.gate.next.ServeHTTP(answer, v.r)
	v.status = answer.Code
	return answer
}

func (v *visit) send(answer *httptest.ResponseRecorder) {
	v.head(answer)
	v.w.Write(answer.Body.Bytes()) // a client that went away is its own affair
}

func (v *visit) head(answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		v.w.Header()[name] = values
	}
	if answer.Code != http.StatusNotModified {
		v.w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	}
	v.w.WriteHeader(answer.Code)
}

// sleep waits, but not for a client that has gone.
func (v *visit) sleep() {
	select {
	case <-time.After(v.wait):
	case <-v.r.Context().Done():
	}
}

func (v *visit) portal() {
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Write([]byte("<!DOCTYPE html><title>Welcome</title><p>Please accept our terms to use this network."))
}

func (v *visit) busy() {
	seconds := max(1, int(v.wait.Round(time.Second)/time.Second))
	v.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	v.refuse(fault.New(fault.TooManyRequests, "", "come back in %d seconds", seconds))
}

func (v *visit) refuse(err error) {
	p := wire.NewProblem(err)
	v.w.Header().Set("Content-Type", wire.ProblemType)
	v.w.WriteHeader(p.Status)
	wire.Write(v.w, p)
}

// slow sends the body in eight pieces.
func (v *visit) slow() {
	answer := v.deliver()
	v.head(answer)
	body, pieces := answer.Body.Bytes(), 8
	v.wait /= time.Duration(pieces)
	for i := range pieces {
		v.sleep()
		v.w.Write(body[i*len(body)/pieces : (i+1)*len(body)/pieces])
		http.NewResponseController(v.w).Flush()
	}
}

func (v *visit) cut() {
	answer := v.deliver()
	v.head(answer)
	v.w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
	http.NewResponseController(v.w).Flush()
	panic(http.ErrAbortHandler)
}

func (v *visit) twice() {
	second := *v
	body := new(bytes.Buffer)
	body.ReadFrom(v.r.Body)
	v.r = again(v.r, body.Bytes())
	v.deliver()
	second.r = again(v.r, body.Bytes())
	second.pass()
}

// hold keeps the request until the next one passed. The client's own context ends with its connection, so it gets
// another.
func (v *visit) hold() {
	body := new(bytes.Buffer)
	body.ReadFrom(v.r.Body)
	late := again(v.r.WithContext(context.WithoutCancel(v.r.Context())), body.Bytes())
	v.gate.mu.Lock()
	v.gate.late = append(v.gate.late, late)
	v.gate.mu.Unlock()
	panic(http.ErrAbortHandler)
}

func (v *visit) passSkewed() {
	v.gate.setSkew(v.wait)
	defer v.gate.setSkew(0)
	v.pass()
}

func (g *Gate) setSkew(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.skew = d
}

// edit hands the request on and changes the items of the answer. Answers without items pass as they are.
func (v *visit) edit(change func([]record.Verdict) []record.Verdict) {
	v.r.Header.Del("Accept-Encoding") // the gate reads this answer itself
	answer := v.deliver()
	var body wire.Answer
	if answer.Code == http.StatusOK && json.Unmarshal(answer.Body.Bytes(), &body) == nil && len(body.Items) > 0 {
		body.Items = change(body.Items)
		answer.Body.Reset()
		wire.Write(answer.Body, body)
	}
	v.send(answer)
}

func others(items []record.Verdict) []record.Verdict {
	for i := range items {
		items[i].Record, items[i].Hash = record.NewID(), record.Hash{byte(i)}
	}
	return items
}

func repeatFirst(items []record.Verdict) []record.Verdict {
	for i := range items {
		items[i] = items[0]
	}
	return items
}
