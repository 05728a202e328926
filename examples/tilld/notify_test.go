//go:build linux

package main

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// systemd hears that the daemon is ready, that it is alive, and that it stops.
func TestSystemdIsTold(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	require.NoError(t, err)
	t.Cleanup(func() { manager.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "2000")
	d := start(t, t.TempDir())
	heard := func() string {
		buf := make([]byte, 100)
		n, err := manager.Read(buf)
		require.NoError(t, err)
		return string(buf[:n])
	}
	assert.Equal(t, "READY=1", heard())
	assert.Equal(t, "WATCHDOG=1", heard())
	go d.stop()
	for {
		if text := heard(); text != "WATCHDOG=1" {
			assert.Equal(t, "STOPPING=1", text)
			break
		}
	}
}
