package format

// A State says where a record stands.
type State uint8

// The states.
const (
	// Pending: to be reported.
	Pending State = iota
	// Settled: the backend answered.
	Settled
	// Quarantined: the backend cannot read it.
	Quarantined
)

// String returns the state's name.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

var stateNames = [...]string{Pending: "pending", Settled: "settled", Quarantined: "quarantined"}

// A Status is a record's state in two bits, six flags, and its uses in the high byte. The low byte stands in
// settlements and relocated records.
type Status uint16

// The flags of a status.
const (
	// FlagVoided: no use of the record is left.
	FlagVoided Status = 1 << 2
	// FlagDue: the POS must be told the verdict.
	FlagDue Status = 1 << 3
	// FlagHandedOver: the POS was told.
	FlagHandedOver Status = 1 << 4
	// FlagPayload: the payload is still there.
	FlagPayload Status = 1 << 5
	// FlagGone: the record left, or stands elsewhere by now. It is never on disk.
	FlagGone Status = 1 << 6

	stateMask Status = 3
	diskMask  Status = 0xff
)

// NewStatus returns a status of these parts.
func NewStatus(state State, uses int8, flags Status) Status {
	return Status(state) | flags | Status(uint8(uses))<<8
}

// State returns where the record stands; a damaged status may have one above Quarantined.
func (s Status) State() State { return State(s & stateMask) }

// Uses is what the record adds to its keys.
func (s Status) Uses() int8 { return int8(s >> 8) }

// Is reports whether a flag is set.
func (s Status) Is(flag Status) bool { return s&flag != 0 }

// WithState returns s with another state.
func (s Status) WithState(state State) Status { return s&^stateMask | Status(state) }

// WithUses returns s with other uses.
func (s Status) WithUses(uses int8) Status { return s&diskMask | Status(uint8(uses))<<8 }

// DiskByte is the byte that is stored.
func (s Status) DiskByte() uint8 { return uint8(s & diskMask) }

// Due reports whether the verdict has to be handed over.
func (s Status) Due() bool { return s.Is(FlagDue) && !s.Is(FlagHandedOver) }

// KeepsPayload reports whether a record that is not pending keeps its payload when it is relocated.
func (s Status) KeepsPayload() bool { return s.State() == Quarantined || s.Due() }
