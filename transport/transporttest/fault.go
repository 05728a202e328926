package transporttest

import (
	"slices"
	"time"
)

// A Fault is one way in which a network or a backend can go wrong, by name.
type Fault string

// The faults. Unless it says otherwise, the request does not reach the backend.
const (
	// Latency: the request is delivered after Wait.
	Latency Fault = "latency"
	// Refused: the connection is refused.
	Refused Fault = "refused"
	// Portal: a captive portal answers 200 with its page.
	Portal Fault = "portal"
	// PortalRedirect: a captive portal redirects to its own host.
	PortalRedirect Fault = "portal-redirect"
	// ProxyAuth: a proxy answers 407.
	ProxyAuth Fault = "proxy-auth"
	// FewerItems: the request is taken, but half the items are missing from the answer.
	FewerItems Fault = "fewer-items"
	// OtherItems: the request is taken, but the answer names other records.
	OtherItems Fault = "other-items"
	// RepeatedItems: the request is taken, but the answer has its first item in every place.
	RepeatedItems Fault = "repeated-items"
	// ResetBefore: the connection breaks before the request is taken.
	ResetBefore Fault = "reset-before"
	// ResetAfter: the connection breaks after the request was taken.
	ResetAfter Fault = "reset-after"
	// AnswerLost: the request is taken, and no answer comes for Wait; then the connection breaks.
	AnswerLost Fault = "answer-lost"
	// Busy: 429 with a Retry-After of Wait, in whole seconds.
	Busy Fault = "busy"
	// ServerError: a 500 of a gateway, without a problem of the contract.
	ServerError Fault = "server-error"
	// SlowBody: the request is taken, and the answer's body takes Wait.
	SlowBody Fault = "slow-body"
	// CutBody: the request is taken, and the answer ends in its middle.
	CutBody Fault = "cut-body"
	// Duplicate: the request is delivered twice; the second answer is returned.
	Duplicate Fault = "duplicate"
	// Reordered: the connection breaks, and the request is delivered after the next one.
	Reordered Fault = "reordered"
	// BadCertificate: the backend shows a stranger's certificate. It needs Options.TLS.
	BadCertificate Fault = "bad-certificate"
	// ExpiredToken: 401, as for a token that has ended.
	ExpiredToken Fault = "expired-token"
	// ClockSkew: the request is taken by a backend whose clock is Wait ahead.
	ClockSkew Fault = "clock-skew"
)

// Faults lists every fault.
func Faults() []Fault {
	return []Fault{
		Latency, Refused, Portal, PortalRedirect, ProxyAuth, FewerItems, OtherItems, RepeatedItems, ResetBefore, ResetAfter,
		AnswerLost,
		Busy, ServerError, SlowBody, CutBody, Duplicate, Reordered, BadCertificate, ExpiredToken, ClockSkew,
	}
}

// An Injection switches a fault on.
type Injection struct {
	// Fault is one of Faults.
	Fault Fault
	// Times is how many requests meet it; 0: 1, negative: all until Clear.
	Times int
	// Path is the path of the requests that meet it; empty: any.
	Path string
	// Skip lets so many matching requests pass first.
	Skip int
	// Wait is the time that the fault takes; 0: a second.
	Wait time.Duration
}

func (i Injection) withDefaults() Injection {
	if !slices.Contains(Faults(), i.Fault) {
		panic("transporttest: there is no fault " + string(i.Fault))
	}
	if i.Times == 0 {
		i.Times = 1
	}
	if i.Wait == 0 {
		i.Wait = time.Second
	}
	return i
}
