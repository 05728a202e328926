// Package zxing reads gray pixels with zxing-cpp, as the npm package zxing-wasm has it, in a child that runs node.
package zxing

import (
	"bufio"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/pictures"
)

//go:embed read.mjs
var script string

// A Scanner is a child that reads one picture after the other. It is for one goroutine.
type Scanner struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

var names = map[string]string{
	"qr_code": "QRCode", "data_matrix": "DataMatrix", "aztec": "Aztec", "pdf417": "PDF417", "code128": "Code128",
	"code39": "Code39", "code93": "Code93", "codabar": "Codabar", "itf": "ITF", "ean_upc": "EANUPC", "databar": "DataBar",
	"databar_expanded": "DataBar",
}

// New starts a child that reads the manifest's formats; none: all. The folder is where `npm install zxing-wasm` was
// run.
func New(folder string, formats ...string) (*Scanner, error) {
	if folder == "" {
		return nil, errors.New("no folder with zxing-wasm named; npm install it and give -zxing FOLDER")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "zxing-wasm")); err != nil {
		return nil, fmt.Errorf("zxing-wasm is not installed: %w", err)
	}
	var wanted []string
	for _, f := range formats {
		wanted = append(wanted, names[f])
	}
	cmd := exec.Command("node", "--input-type=module", "-e", script, strings.Join(wanted, ","))
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &Scanner{in, bufio.NewReader(out), cmd}, cmd.Start()
}

// Scan reads a plane without gaps between its rows, and says how much time of the processor the reader alone took.
func (s *Scanner) Scan(p barcode.Plane) ([]pictures.Reading, time.Duration, error) {
	head := binary.LittleEndian.AppendUint32(nil, uint32(p.Width))
	head = binary.LittleEndian.AppendUint32(head, uint32(p.Height))
	for _, part := range [][]byte{head, p.Pix} {
		if _, err := s.in.Write(part); err != nil {
			return nil, 0, fmt.Errorf("zxing: %w", err)
		}
	}
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return nil, 0, fmt.Errorf("zxing: the child ended: %w", err)
	}
	var answer struct {
		Readings []pictures.Reading
		Micros   int64
	}
	err = json.Unmarshal(line, &answer)
	return answer.Readings, time.Duration(answer.Micros) * time.Microsecond, err
}

// Close ends the child.
func (s *Scanner) Close() error {
	s.in.Close()
	return s.cmd.Wait()
}
