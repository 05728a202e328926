package journal

// A logger is the user's: it may be slow, and it may ask the log for Stats and Damage. So what is to be logged is kept
// until the lock is let go.

// A message is one line for the logger.
type message struct {
	text string
	args []any
}

// unlock lets go of the lock and then logs what was to be logged under it. All but conditions use it in place of
// mu.Unlock.
func (l *Log) unlock() {
	messages := l.messages
	l.messages = nil
	l.mu.Unlock()
	for _, m := range messages {
		l.log(m.text, m.args...)
	}
}

func (l *Log) log(text string, args ...any) {
	if l.cfg.Logger != nil {
		l.cfg.Logger.Warn("journal: "+text, args...)
	}
}

// logLocked logs once the lock is let go.
func (l *Log) logLocked(text string, args ...any) {
	l.messages = append(l.messages, message{text, args})
}

// addDamageLocked adds a damage and logs it.
func (l *Log) addDamageLocked(d Damage) {
	l.damage = append(l.damage, d)
	l.logLocked("damage", "what", d.String())
}
