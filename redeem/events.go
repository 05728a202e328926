package redeem

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// EventKind says what an Event tells.
type EventKind string

// The kinds of events. New ones may be added: pass over those you don't know.
const (
	// EventDecision: Redeem came to a decision.
	EventDecision EventKind = "decision"
	// EventReported: the backend answered Count records.
	EventReported EventKind = "reported"
	// EventVerdict: a verdict other than confirmed is on disk and waits to be handed over.
	EventVerdict EventKind = "verdict"
	// EventReportFailed: a try to reach the backend failed with Code; it is tried again.
	EventReportFailed EventKind = "report-failed"
	// EventSetAside: the record in SetAside fails with Code while others do not, and is not sent with them any more.
	EventSetAside EventKind = "set-aside"
	// EventHeld: reporting is held with Code until somebody acts.
	EventHeld EventKind = "held"
	// EventEnrolled: the terminal is known to the backend from now on, or stands in another place than before.
	EventEnrolled EventKind = "enrolled"
	// EventBlocked: the merchant blocked this terminal, by the backend's signed word; EventUnblocked: it works again.
	EventBlocked   EventKind = "blocked"
	EventUnblocked EventKind = "unblocked"
	// EventForgotten: the terminal may have forgotten records, and asks; EventRemembered: that is over.
	EventForgotten  EventKind = "forgotten"
	EventRemembered EventKind = "remembered"
	// EventBundle: a newer trust bundle is in force.
	EventBundle EventKind = "bundle"
	// EventBundleRefused: the backend hands out a trust bundle that is not taken, because of Code.
	EventBundleRefused EventKind = "bundle-refused"
	// EventHub: the hub of the store told what stands in Hub, or is away, or back.
	EventHub EventKind = "hub"
)

// An Event is something that happened, for metrics and screens. Fields that do not belong to its kind are zero.
type Event struct {
	Kind     EventKind
	Decision Decision
	Verdict  record.Verdict
	SetAside SetAside
	Hub      record.HubNotice
	Count    int
	Code     fault.Code
}

// clone is the event with what it shares with the answer to a call, which the caller may change.
func (e Event) clone() Event {
	d := &e.Decision
	d.Reasons, d.Budgets = slices.Clone(d.Reasons), slices.Clone(d.Budgets)
	d.Redemptions, d.Receipts = slices.Clone(d.Redemptions), slices.Clone(d.Receipts)
	d.Discount.Lines, d.Notes = slices.Clone(d.Discount.Lines), slices.Clone(d.Notes)
	return e
}

// An eventQueue hands events to Config.OnEvent in the order in which they were added. Nil: nobody listens.
type eventQueue struct {
	listener func(Event)
	calls    *queue
}

// newEventQueue makes a queue of events; nil where nobody listens.
func newEventQueue(listener func(Event), calls *queue) *eventQueue {
	if listener == nil {
		return nil
	}
	return &eventQueue{listener, calls}
}

// add puts an event behind the others. It never waits.
func (q *eventQueue) add(e Event) {
	if q != nil {
		q.calls.add(func() { q.listener(e) })
	}
}

// addDecision puts the event of a decision behind the others.
func (q *eventQueue) addDecision(d *Decision) {
	if q != nil {
		q.add(Event{Kind: EventDecision, Decision: *d}.clone())
	}
}
