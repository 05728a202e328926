package wedge

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// grab is the request EVIOCGRAB: _IOW('E', 0x90, int).
const grab = 0x40044590

// OpenInput opens a Linux input device, such as one under /dev/input/by-id, for this program alone: until it is closed
// no other program, no window and no console gets its key presses. What is read is the text that was typed. It needs
// the right to read the device, which members of the group input have.
func OpenInput(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("wedge: the input device cannot be opened: %w", err)
	}
	if err := grabDevice(file); err != nil {
		_ = file.Close() // it was opened to be grabbed
		return nil, fmt.Errorf("wedge: %s cannot be taken for this program alone; is it an input device, "+
			"and does no other program have it?: %w", path, err)
	}
	return NewKeys(file), nil
}

func grabDevice(file *os.File) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	err = conn.Control(func(fd uintptr) { _, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, grab, 1) })
	if err != nil {
		return err
	}
	if failed != 0 {
		return failed
	}
	return nil
}
