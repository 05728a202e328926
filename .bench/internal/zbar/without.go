//go:build !zbar

// Package zbar reads gray pixels with libzbar. It needs cgo, libzbar-dev and the build tag zbar; without the tag New
// says that it is left out, so that the module builds and vets anywhere.
package zbar

import (
	"errors"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/pictures"
)

// A Scanner cannot be had.
type Scanner struct{}

var errLeftOut = errors.New("built without -tags zbar, which needs libzbar-dev")

// New fails.
func New(...string) (*Scanner, error) { return nil, errLeftOut }

// Scan fails.
func (s *Scanner) Scan(barcode.Plane) ([]pictures.Reading, error) { return nil, errLeftOut }
