package redeem

// A Clock reads the machine's clocks. It may be called from several goroutines at once, and must not call the terminal.
type Clock interface {
	Read() Reading
}
