// Package node starts scripts of node that answer lines.
package node

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// A Child is a script that runs. It is for one goroutine.
type Child struct {
	name string
	in   io.WriteCloser
	out  *bufio.Reader
	cmd  *exec.Cmd
}

// Start starts a script in a folder in which npm has installed a package; what is wrong is said in the package's name.
func Start(folder, pack, script string, args ...string) (*Child, error) {
	if folder == "" {
		return nil, fmt.Errorf("no folder with %s named: npm install it there", pack)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", pack)); err != nil {
		return nil, fmt.Errorf("%s is not installed: %w", pack, err)
	}
	cmd := exec.Command("node", append([]string{"--input-type=module", "-e", script}, args...)...)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &Child{pack, in, bufio.NewReader(out), cmd}, cmd.Start()
}

// Ask writes a question and reads the answer, a line of JSON.
func (c *Child) Ask(answer any, question ...[]byte) error {
	for _, part := range question {
		if _, err := c.in.Write(part); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%s: the child ended: %w", c.name, err)
	}
	return json.Unmarshal(line, answer)
}

// Close ends the child.
func (c *Child) Close() error {
	c.in.Close()
	return c.cmd.Wait()
}
