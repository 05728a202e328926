package main

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// echo is a hub that sends back what it is sent.
func echo(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestALineThatIsCutBreaksConnections(t *testing.T) {
	l, err := newLine()
	require.NoError(t, err)
	defer l.close()
	l.leadTo(echo(t))
	conn, err := net.Dial("tcp", l.address())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("abc"))
	require.NoError(t, err)
	got := make([]byte, 3)
	_, err = io.ReadFull(conn, got)
	require.NoError(t, err)
	assert.Equal(t, "abc", string(got), "a line that works carries both ways")
	l.set(lineCut)
	_, err = io.ReadFull(conn, got)
	assert.Error(t, err, "a connection over a line that is cut ends")
	other, err := net.Dial("tcp", l.address())
	if err == nil {
		defer other.Close()
		_, err = io.ReadFull(other, got)
	}
	assert.Error(t, err, "nobody gets through")
}

func TestWhatALineHoldsBackArrivesLater(t *testing.T) {
	for mode, holds := range map[lineMode][2]bool{lineWorks: {false, false}, lineHeld: {true, true},
		lineMute: {true, false}, lineDeaf: {false, true}, lineSlow: {false, false}} {
		for i, up := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				l := &line{mode: mode, changed: make(chan struct{})}
				began := time.Now()
				var arrived atomic.Bool
				go func() { arrived.Store(l.await(up, began)) }()
				time.Sleep(lineDelay - 1)
				synctest.Wait()
				assert.Equal(t, !holds[i] && mode != lineSlow, arrived.Load(), "a line that %s, up: %v", mode, up)
				time.Sleep(2 * time.Nanosecond)
				synctest.Wait()
				assert.Equal(t, !holds[i], arrived.Load(), "a line that %s, up: %v, after its delay", mode, up)
				l.set(lineWorks)
				synctest.Wait()
				assert.True(t, arrived.Load(), "it arrives once the line works")
			})
		}
	}
}
