package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The commands of the README, as they stand there, take a till in Python or in Node to its first redemption. Only the
// folder is another one, and the daemon is this program.
func TestTheReadmesClientsRedeem(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	var begin, python, node string
	for _, block := range blocks {
		switch {
		case strings.HasPrefix(block[1], "$ go run ./examples/tilld"):
			var found bool
			begin, python, found = strings.Cut(block[1], "$ PYTHONPATH=")
			require.True(t, found, "the block ends with Python's command")
			python = "PYTHONPATH=" + python
		case strings.HasPrefix(block[1], "$ node "):
			node = strings.TrimPrefix(block[1], "$ ")
		}
	}
	require.Equal(t, 2, strings.Count(begin, "$ "), "two commands come before that of the language")
	for name, last := range map[string]string{"python3": python, "node": node} {
		t.Run(name, func(t *testing.T) {
			if name != "python3" {
				inLongTests(t)
			}
			runCommands(t, name, strings.ReplaceAll(begin, "$ ", "")+last)
		})
	}
}

func runCommands(t *testing.T, program, script string) {
	for _, needed := range []string{program, "curl", "grep", "sh"} {
		language{name: program, needs: []string{needed}}.find(t)
	}
	if help, _ := exec.Command("curl", "--help", "all").Output(); !strings.Contains(string(help), "--json") {
		t.Skip("the README's commands need a curl that knows --json (7.82)")
	}
	backend := newBackend(t)
	dir := t.TempDir()
	script = strings.ReplaceAll(script, "go run ./examples/tilld -dir till", os.Args[0]+" -dir "+dir)
	script = strings.ReplaceAll(script, "till/tilld.sock", filepath.Join(dir, "tilld.sock"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-euc", script+"\nkill $!\nwait $!")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), childVariable+"=1", "OFFLANE_URL="+backend.URL,
		"OFFLANE_CODE="+backend.Code(t, "s-1", 1), "NO_PROXY=*", "no_proxy=*", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Regexp(t, `outcome['"]?: ['"]allow`, string(out))
}
