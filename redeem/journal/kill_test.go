package journal_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

const childEnv = "OFFLANE_JOURNAL_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" { // what is measured has the collector as it is
		debug.SetGCPercent(400) // the heaps of tests are small: at 100 the collector takes up to a third of their time
	}
	os.Exit(m.Run())
}

// child appends and settles from several goroutines until it is killed, and prints what was acknowledged.
func child(dir string, out io.Writer) error {
	ctx := context.Background()
	l, err := journal.Open(ctx, dir, journal.Config{SegmentSize: 16 << 10})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(word string, id journal.ID) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(out, "%s %x\n", word, id[:])
	}
	failed := make(chan error)
	for p := range 4 {
		go func() { failed <- redeemForever(ctx, l, p, say) }()
	}
	go func() { failed <- settleForever(ctx, l, say) }()
	return <-failed
}

func redeemForever(ctx context.Context, l *journal.Log, p int, say func(string, journal.ID)) error {
	for {
		var id journal.ID
		err := l.Append(ctx, func(v *journal.View) ([]journal.Entry, error) {
			number, _ := v.Next()
			e := attached(int(number)*8 + p)
			id = e.ID
			return []journal.Entry{e}, nil
		})
		if err != nil {
			return err
		}
		say("redeemed", id)
	}
}

func settleForever(ctx context.Context, l *journal.Log, say func(string, journal.ID)) error {
	for {
		batch, err := l.Pending(10, 1<<20)
		if err != nil {
			return err
		}
		var answers []journal.Settlement
		var evidence []byte
		for _, s := range batch {
			answers = append(answers, journal.Settlement{Ref: s.ID, Payload: []byte("confirmed")})
			evidence = append(evidence, s.ID[:]...)
		}
		if err := l.Settle(ctx, answers, evidence); err != nil {
			return err
		}
		for _, a := range answers {
			say("settled", a.Ref)
		}
	}
}

// childCommand runs this test binary as the child, under the emulator for its architecture where one is named.
func childCommand(dir string) *exec.Cmd {
	args := append(strings.Fields(os.Getenv("OFFLANE_EXEC")), os.Args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// It does not run beside others: between fork and exec a process that it starts holds their journals' locks.
func TestKilledProcessLosesNothingThatWasAcknowledged(t *testing.T) {
	random, _ := seeded(t)
	rounds := 4
	if *long {
		rounds = 1000
	}
	dir := vfstest.Folder(t)
	redeemed, settled := map[journal.ID]bool{}, map[journal.ID]bool{}
	for round := range rounds {
		if round%50 == 49 {
			dir, redeemed, settled = vfstest.Folder(t), map[journal.ID]bool{}, map[journal.ID]bool{}
		}
		cmd := childCommand(dir)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for after := random.IntN(200); lines.Scan(); after-- {
			word, text, _ := strings.Cut(lines.Text(), " ")
			if id, err := hex.DecodeString(text); err == nil && len(id) == 16 {
				map[string]map[journal.ID]bool{"redeemed": redeemed, "settled": settled}[word][journal.ID(id)] = true
			}
			if after == 0 {
				require.NoError(t, cmd.Process.Kill())
			}
		}
		_ = cmd.Wait()
		checkKilled(t, dir, redeemed, settled)
	}
}

func checkKilled(t *testing.T, dir string, redeemed, settled map[journal.ID]bool) {
	l, err := journal.Open(t.Context(), dir, journal.Config{SegmentSize: 16 << 10})
	require.NoError(t, err)
	defer l.Close()
	require.NoError(t, l.Verify(t.Context()), "what the snapshot covers may be damaged as well")
	for _, d := range l.Damage() {
		assert.NotEqual(t, journal.Lost, d.Certainty, "%v", d)
	}
	seen := map[journal.ID]bool{}
	number := uint64(0)
	for s, err := range l.History() {
		require.NoError(t, err)
		require.False(t, seen[s.ID], "twice")
		seen[s.ID] = true
		// A kill between two pages of a write leaves half a record. Its number is not given again, and that is reported.
		for number++; number < s.Number; number++ {
			assert.True(t, slices.ContainsFunc(l.Damage(), func(d journal.Damage) bool {
				return d.FirstNumber <= number && number <= d.LastNumber
			}), "number %d is missing and not reported: %v", number, l.Damage())
		}
		require.Equal(t, number, s.Number)
		if settled[s.ID] {
			assert.Equal(t, journal.Settled, s.State)
		}
		assertAttached(t, &s)
	}
	evidence := evidenceOf(t, l, slices.Collect(maps.Keys(settled))...)
	for id := range settled {
		require.Contains(t, evidence[id], string(id[:]), "the evidence of %v", id)
	}
	for id := range redeemed {
		require.True(t, seen[id], "lost %v", id)
	}
}
