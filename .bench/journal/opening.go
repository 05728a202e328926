package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/journal"
)

const million = 1_000_000

// opening writes a million settled and a million pending records, and opens the journal in child processes, each
// beside a plain sequential read of the same files: with the snapshot that closing left, and as after a crash without
// one.
func opening(dir string) error {
	path := sub(dir, "offlane")
	if err := fillJournal(path); err != nil {
		return err
	}
	empty, err := child("")
	if err != nil {
		return err
	}
	for _, snapshot := range []bool{true, false} {
		for _, cold := range []bool{true, false} {
			if err := openings(path, snapshot, cold, empty[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// openings prints the medians of five.
func openings(path string, snapshot, cold bool, empty float64) error {
	var ratios, peaks, looks []float64
	for range 5 {
		if !snapshot {
			if err := os.Remove(filepath.Join(path, "index.snapshot")); err != nil {
				return err
			}
		}
		dropCaches(cold)
		read, err := readAll(path)
		if err != nil {
			return err
		}
		dropCaches(cold)
		got, err := child(path)
		if err != nil {
			return err
		}
		ratios = append(ratios, got[0]/read.Seconds())
		peaks = append(peaks, (got[1]-empty)/1024)
		looks = append(looks, got[2])
	}
	fmt.Printf("%s snapshot, %s cache: open %.2f times a plain read, peak memory %.1f MB above an empty program, "+
		"look-up p99 %.0f ns\n",
		map[bool]string{true: "with", false: "without"}[snapshot], map[bool]string{true: "cold", false: "warm"}[cold],
		median(ratios), median(peaks), median(looks))
	return nil
}

func key(n int) string { return fmt.Sprintf("offer %032d", n) }

// recordID is the same for the same n and as good as random.
func recordID(n int) (id journal.ID) {
	x := uint64(n+1) * 0x9e3779b97f4a7c15
	for i := range id {
		id[i] = byte(x >> (i % 8 * 8))
		x = x*6364136223846793005 + 1442695040888963407
	}
	return id
}

func fillJournal(path string) error {
	ctx := context.Background()
	log, err := journal.Open(ctx, path, journal.Config{})
	if err != nil {
		return err
	}
	payload := make([]byte, recordSize)
	rand.Read(payload)
	const step = 1000
	for n := 0; n < 2*million; n += step {
		entries := make([]journal.Entry, step)
		answers := make([]journal.Settlement, step)
		for i := range entries {
			entries[i] = journal.Entry{ID: recordID(n + i), CountedKeys: []string{key(n + i)}, Uses: 1, Payload: payload,
				KeepUntil: time.Now().Add(1000 * time.Hour)}
			answers[i] = journal.Settlement{Ref: entries[i].ID}
		}
		if err := log.Append(ctx, func(*journal.View) ([]journal.Entry, error) { return entries, nil }); err != nil {
			return err
		}
		if n < million {
			if err := log.Settle(ctx, answers, nil); err != nil {
				return err
			}
		}
	}
	return log.Close()
}

func dropCaches(cold bool) {
	if !cold {
		return
	}
	exec.Command("sync").Run()
	if err := os.WriteFile("/proc/sys/vm/drop_caches", []byte("1"), 0o200); err != nil {
		fmt.Fprintln(os.Stderr, "the cache cannot be dropped:", err)
	}
}

func readAll(path string) (time.Duration, error) {
	files, err := filepath.Glob(filepath.Join(path, "*"))
	slices.Sort(files)
	buf := make([]byte, 1<<20)
	start := time.Now()
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		for {
			if _, err := f.Read(buf); err == io.EOF {
				break
			} else if err != nil {
				return 0, err
			}
		}
		f.Close()
	}
	return time.Since(start), err
}

// child runs openChild in a process of its own: seconds, peak kilobytes, nanoseconds.
func child(path string) ([]float64, error) {
	cmd := exec.Command(os.Args[0], "open-child", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var got []float64
	for _, field := range strings.Fields(string(out)) {
		x, _ := strconv.ParseFloat(field, 64)
		got = append(got, x)
	}
	return got, err
}

func openChild(path string) error {
	if path == "" {
		fmt.Println(0, peak(), 0)
		return nil
	}
	start := time.Now()
	log, err := journal.Open(context.Background(), path, journal.Config{})
	if err != nil {
		return err
	}
	took, memory := time.Since(start), peak()
	fmt.Println(took.Seconds(), memory, lookUp(log))
	if s := log.Stats(); s.Pending != million || s.Settled != million {
		return fmt.Errorf("%+v", s)
	}
	return log.Close()
}

func lookUp(log *journal.Log) int64 {
	keys := make([]string, 100_000)
	for i := range keys {
		keys[i] = key((int(recordID(i)[0])*7919 + i*7) % million)
	}
	times := make([]time.Duration, len(keys))
	_ = log.Append(context.Background(), func(v *journal.View) ([]journal.Entry, error) {
		for i, k := range keys {
			start := time.Now()
			uses := v.Uses(k)
			times[i] = time.Since(start)
			if uses != 1 {
				panic("a redeemed identifier was not found")
			}
		}
		return nil, nil
	})
	slices.Sort(times)
	return at(times, 99).Nanoseconds()
}

func peak() int64 {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")), 10, 64)
			return kb
		}
	}
	return 0
}
