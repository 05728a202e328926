// Package cpu tells how much time of the processor was used.
package cpu

import (
	"time"

	"golang.org/x/sys/unix"
)

// Thread is what the calling thread has used; the caller keeps to it with runtime.LockOSThread.
func Thread() time.Duration { return clock(unix.CLOCK_THREAD_CPUTIME_ID) }

// Process is what all threads of the process have used, the garbage collector's among them.
func Process() time.Duration { return clock(unix.CLOCK_PROCESS_CPUTIME_ID) }

func clock(id int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		panic(err) // both clocks stand in every Linux
	}
	return time.Duration(t.Nano())
}
