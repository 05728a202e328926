//go:build !windows

package main

// runAsService runs nothing: service managers of other systems run the program as it is.
func runAsService([]string) (ran bool, status int) { return false, 0 }
