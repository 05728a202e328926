package redeem

// isSetUp reports whether the terminal is enrolled, or has at least an issuer's key.
func (t *Terminal) isSetUp() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.id.Token != "" || len(t.cfg.Keys) > 0 || t.bundle != nil && len(t.bundle.Keys) > 0
}
