//go:build !linux

package wedge

import (
	"errors"
	"io"
)

// OpenInput opens a Linux input device for this program alone. On this system it always fails with
// errors.ErrUnsupported.
func OpenInput(string) (io.ReadCloser, error) {
	return nil, errors.ErrUnsupported
}
