package house_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var long = flag.Bool("long", false, "build programs: two to see a journal's size, and those of the README")

// TestJournalIsSmall builds a program for a small till without and with a journal and holds what the journal adds. The
// linker fills parts of an arm program up to 64 KiB, so that the sum moves in such steps.
func TestJournalIsSmall(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	bare, journal := sizeOf(t, ""), sizeOf(t, "journal")
	t.Logf("linux/arm, stripped: %d bytes without a journal, %d with one: %d more", bare, journal, journal-bare)
	assert.Greater(t, journal, bare, "the program with a journal is the larger one")
	assert.LessOrEqual(t, journal-bare, int64(1<<20), "what a journal adds to a program for a small till, in bytes")
}

// inLongTests skips a test without the flag -long.
func inLongTests(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("programs are built with the flag -long")
	}
}

func sizeOf(t *testing.T, tags string) int64 {
	t.Helper()
	to := filepath.Join(t.TempDir(), "size")
	cmd := exec.Command("go", "build", "-tags", tags, "-ldflags", "-s -w", "-o", to, "./testdata/size")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm", "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	info, err := os.Stat(to)
	require.NoError(t, err)
	return info.Size()
}
