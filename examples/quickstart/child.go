package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/offlane/offlane/examples/internal/till"
)

// A child is the till in a process of its own, so that it can be killed. It speaks one JSON object a line.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// asChild is the environment variable that makes this program be the till.
const asChild = "OFFLANE_QUICKSTART_TILL"

// start runs this program again as the till. What it logs goes to our standard error.
func start(ctx context.Context, o till.Options) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	options, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self)}
	c.cmd.Env = append(os.Environ(), asChild+"="+string(options))
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.lines = bufio.NewScanner(out)
	c.lines.Buffer(nil, 1<<20)
	return c, c.cmd.Start()
}

// beChild is the till's side: it answers commands until its input ends, or it is killed.
func beChild(ctx context.Context, options string) error {
	var o till.Options
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		return err
	}
	t, err := till.Open(ctx, o)
	if err != nil {
		return err
	}
	defer t.Terminal.Close()
	return t.Serve(ctx, os.Stdin, os.Stdout)
}

// do sends a command and returns its reply; a failure that the till reports is an error.
func (c *child) do(command till.Command) (till.Reply, error) {
	line, err := json.Marshal(command)
	if err != nil {
		return till.Reply{}, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return till.Reply{}, err
	}
	if !c.lines.Scan() {
		return till.Reply{}, fmt.Errorf("the till ended without an answer to %s", command.Do)
	}
	var reply till.Reply
	if err := json.Unmarshal(c.lines.Bytes(), &reply); err != nil {
		return till.Reply{}, err
	}
	if reply.Error != nil {
		return reply, fmt.Errorf("%s: %s", command.Do, reply.Error.Explain())
	}
	return reply, nil
}

// kill ends the till as kill -9 does: it gets no chance to write anything.
func (c *child) kill() error {
	if err := c.cmd.Process.Kill(); err != nil {
		return err
	}
	c.cmd.Wait() // its error is the kill itself
	return nil
}

// leave ends the till in good order.
func (c *child) leave() error {
	c.in.Close()
	return c.cmd.Wait()
}
