// Package zxing reads gray pixels with zxing-cpp, as the npm package zxing-wasm has it, in a child that runs node.
package zxing

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/node"
	"github.com/offlane/offlane/bench/internal/pictures"
)

//go:embed read.mjs
var script string

// A Scanner is a child that reads one picture after the other. It is for one goroutine.
type Scanner struct{ child *node.Child }

var names = map[string]string{
	"qr_code": "QRCode", "data_matrix": "DataMatrix", "aztec": "Aztec", "pdf417": "PDF417", "code128": "Code128",
	"code39": "Code39", "code93": "Code93", "codabar": "Codabar", "itf": "ITF", "ean_upc": "EANUPC", "databar": "DataBar",
	"databar_expanded": "DataBar",
}

// New starts a child that reads the manifest's formats; none: all. The folder is where `npm install zxing-wasm` was
// run.
func New(folder string, formats ...string) (*Scanner, error) {
	var wanted []string
	for _, f := range formats {
		wanted = append(wanted, names[f])
	}
	child, err := node.Start(folder, "zxing-wasm", script, strings.Join(wanted, ","))
	return &Scanner{child}, err
}

// Scan reads a plane without gaps between its rows, and says how much time of the processor the reader alone took.
func (s *Scanner) Scan(p barcode.Plane) ([]pictures.Reading, time.Duration, error) {
	head := binary.LittleEndian.AppendUint32(nil, uint32(p.Width))
	head = binary.LittleEndian.AppendUint32(head, uint32(p.Height))
	var answer struct {
		Readings []pictures.Reading
		Micros   int64
	}
	err := s.child.Ask(&answer, head, p.Pix)
	return answer.Readings, time.Duration(answer.Micros) * time.Microsecond, err
}

// Close ends the child.
func (s *Scanner) Close() error { return s.child.Close() }
