//go:build !windows

package outbox

func isFullHere(error) bool { return false }
