package redeem

import "time"

// locate finds the store's time zone in the machine's data, which is done when the identity is read or changes and not
// when a sale needs it.
func (id *identity) locate() {
	id.location = nil
	if id.Token == "" {
		return
	}
	if location, err := time.LoadLocation(id.Zone); err == nil { // empty: UTC
		id.location = location
	}
}

// zone is the time zone of the store, in which its days begin and end: that of the enrolment, or the wall clock's where
// the terminal is not enrolled or the machine does not know that zone.
func (id *identity) zone(wall time.Time) *time.Location {
	if id.location != nil {
		return id.location
	}
	return wall.Location()
}
