//go:build !unix

package storesuite

import "os/exec"

type serverUser struct{}

func findServerUser() serverUser { return serverUser{} }

func (serverUser) own(string) error { return nil }

func (serverUser) run(*exec.Cmd) {}
