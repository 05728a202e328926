package main

import (
	"fmt"
	"io"
	"os"
)

// A teller prints the story, a line a step, in colour on a terminal.
type teller struct {
	out    io.Writer
	colour bool
	step   int
}

func newTeller(out *os.File) *teller {
	info, err := out.Stat()
	onTerminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &teller{out: out, colour: onTerminal && os.Getenv("NO_COLOR") == ""}
}

// did says that a step was done and holds.
func (t *teller) did(format string, args ...any) {
	t.step++
	mark := "ok"
	if t.colour {
		mark = "\x1b[32mok\x1b[0m"
	}
	fmt.Fprintf(t.out, "%2d %s  %s\n", t.step, mark, fmt.Sprintf(format, args...))
}
