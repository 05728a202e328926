package wire

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// A DeviceEvent is the body of a POST to PathDeviceEvents: what became of an answer on its device. Each event of an
// answer is kept once, however often it is told. EventSeen and EventClick are kept where the customer agreed to
// measurement; else they are answered the same and kept nowhere.
type DeviceEvent struct {
	// Token is the answer's.
	Token string `json:"token"`
	// Event is one of the Events below.
	Event string `json:"event"`
}

// The events of an answer.
const (
	// EventSeen: it was on the screen.
	EventSeen = "seen"
	// EventClick: the customer followed it.
	EventClick = "click"
	// EventDismiss: it is not for this customer. It is not shown until the cool-off of its follow-up ends.
	EventDismiss = "dismiss"
)

// Check returns fault.InvalidRequest for an event that there is not.
func (e *DeviceEvent) Check() error {
	events := []string{EventSeen, EventClick, EventDismiss}
	if !slices.Contains(events, e.Event) {
		return fault.Invalid("event: %.20q is none of %q", e.Event, events)
	}
	return nil
}
