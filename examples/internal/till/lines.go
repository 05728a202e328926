package till

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/offlane/offlane/redeem/fault"
)

// maxLine bounds one command in bytes.
const maxLine = 1 << 20

// Serve answers one JSON object a line with one JSON object a line, until the input ends or says quit. A line that
// cannot be read is answered with an error, and the next one is read.
func (t Till) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		reply, err := t.answer(ctx, lines.Bytes())
		if errors.Is(err, errQuit) {
			return nil
		}
		if err := encoder.Encode(reply); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (t Till) answer(ctx context.Context, line []byte) (Reply, error) {
	var c Command
	if err := json.Unmarshal(line, &c); err != nil {
		return Reply{Error: &Failure{Code: fault.Malformed, Detail: "this line is no command: " + err.Error()}}, nil
	}
	if c.Do == "quit" {
		return Reply{}, errQuit
	}
	return t.Do(ctx, c), nil
}
