package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/cockroachdb/pebble"
	"github.com/hashicorp/raft"
	raftwal "github.com/hashicorp/raft-wal"
	tidwal "github.com/tidwall/wal"
	"go.etcd.io/bbolt"
	"maragu.dev/goqite"
	_ "modernc.org/sqlite"

	"github.com/offlane/offlane/redeem/journal"
)

// A contestant appends records, each durable when append returns.
type contestant struct {
	name   string
	append func(record []byte) error
	close  func() error
}

// field names the contestants, so that only those are opened that are asked for: what an open store does beside costs
// the others.
var field = []struct {
	name string
	open func(dir string) (contestant, error)
}{
	{"offlane", openOffline}, {"raft-wal", openRaftWAL}, {"tidwall/wal", openTidwall}, {"sqlite (modernc)", openSQLite},
	{"bbolt", openBbolt},
	{"pebble", openPebble}, {"goqite", openGoqite},
}

// openFloor is what no store can be faster than.
func openFloor(dir string) (contestant, error) {
	f, err := os.Create(filepath.Join(dir, "floor"))
	if err != nil {
		return contestant{}, err
	}
	// In pieces: a heap of the file's size would put the collector off for the whole run, and a file written at once
	// stays in memory in pieces of a size that makes each later flush slower.
	const size = 64 << 20
	zeros := make([]byte, 64<<10)
	for range size / len(zeros) {
		if _, err := f.Write(zeros); err != nil {
			return contestant{}, err
		}
	}
	off := int64(0)
	write := func(record []byte) error {
		if _, err := f.WriteAt(record, off); err != nil {
			return err
		}
		off = (off + int64(len(record))) % (size - 1<<16)
		return syscall.Fdatasync(int(f.Fd()))
	}
	return contestant{name: "floor", append: write, close: f.Close}, f.Sync()
}

var opened *journal.Log // for the flushes that it counts

func openOffline(dir string) (contestant, error) {
	log, err := journal.Open(context.Background(), dir, journal.Config{})
	opened = log
	var n atomic.Uint64
	add := func(record []byte) error {
		var id journal.ID
		binary.LittleEndian.PutUint64(id[:], n.Add(1))
		entry := journal.Entry{ID: id, CountedKeys: []string{string(id[:])}, Uses: 1, Payload: record}
		return log.Append(context.Background(), func(*journal.View) ([]journal.Entry, error) {
			return []journal.Entry{entry}, nil
		})
	}
	return contestant{append: add, close: log.Close}, err
}

// openRaftWAL groups what several producers bring, since the store itself takes one batch at a time.
func openRaftWAL(dir string) (contestant, error) {
	w, err := raftwal.Open(dir, raftwal.WithLogger(nil))
	next := uint64(0)
	g := &grouper{write: func(batch [][]byte) error {
		logs := make([]*raft.Log, len(batch))
		for i, b := range batch {
			next++
			logs[i] = &raft.Log{Index: next, Term: 1, Data: b}
		}
		return w.StoreLogs(logs)
	}}
	return contestant{append: g.append, close: w.Close}, err
}

func openTidwall(dir string) (contestant, error) {
	w, err := tidwal.Open(dir, nil)
	next := uint64(0)
	g := &grouper{write: func(batch [][]byte) error {
		var b tidwal.Batch
		for _, record := range batch {
			next++
			b.Write(next, record)
		}
		return w.WriteBatch(&b)
	}}
	return contestant{append: g.append, close: w.Close}, err
}

func openPebble(dir string) (contestant, error) {
	db, err := pebble.Open(dir, &pebble.Options{Logger: quiet{}})
	var n atomic.Uint64
	add := func(record []byte) error {
		return db.Set(binary.BigEndian.AppendUint64(nil, n.Add(1)), record, pebble.Sync)
	}
	return contestant{append: add, close: db.Close}, err
}

type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(f string, a ...any) {
	slog.Error(f, "args", a)
	os.Exit(1)
}

func openBbolt(dir string) (contestant, error) {
	db, err := bbolt.Open(filepath.Join(dir, "bolt"), 0o600, nil)
	if err != nil {
		return contestant{}, err
	}
	n := uint64(0)
	add := func(record []byte) error {
		return db.Batch(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("r"))
			if err != nil {
				return err
			}
			n++
			return b.Put(binary.BigEndian.AppendUint64(nil, n), record)
		})
	}
	db.MaxBatchDelay = 0
	return contestant{append: add, close: db.Close}, nil
}

func openSQL(dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", filepath.Join(dir, "db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func openSQLite(dir string) (contestant, error) {
	db, err := openSQL(dir)
	if err == nil {
		_, err = db.Exec("create table r (n integer primary key, b blob)")
	}
	if err != nil {
		return contestant{}, err
	}
	insert, err := db.Prepare("insert into r (b) values (?)")
	add := func(record []byte) error {
		_, err := insert.Exec(record)
		return err
	}
	return contestant{append: add, close: db.Close}, err
}

// goqiteTable is what goqite expects to find.
const goqiteTable = `
create table goqite (id text primary key default ('m_' || lower(hex(randomblob(16)))), created text not null default '',
  updated text not null default '', queue text not null, body blob not null, received integer not null default 0,
  timeout text not null default (strftime('%Y-%m-%dT%H:%M:%fZ')), priority integer not null default 0) strict;
create index by_queue on goqite (queue, priority desc, created);`

func openGoqite(dir string) (contestant, error) {
	db, err := openSQL(dir)
	if err == nil {
		_, err = db.Exec(goqiteTable)
	}
	q := goqite.New(goqite.NewOpts{DB: db, Name: "q"})
	add := func(record []byte) error { return q.Send(context.Background(), goqite.Message{Body: record}) }
	return contestant{append: add, close: db.Close}, err
}

// A grouper is the least that a store without group commit needs to serve many producers.
type grouper struct {
	write func([][]byte) error

	mu      sync.Mutex
	next    *batch
	writing sync.Mutex
}

type batch struct {
	records [][]byte
	done    chan struct{}
	err     error
}

func (g *grouper) append(record []byte) error {
	g.mu.Lock()
	leader := g.next == nil
	if leader {
		g.next = &batch{done: make(chan struct{})}
	}
	b := g.next
	b.records = append(b.records, record)
	g.mu.Unlock()
	if leader {
		g.writing.Lock()
		g.mu.Lock()
		g.next = nil
		g.mu.Unlock()
		b.err = g.write(b.records)
		g.writing.Unlock()
		close(b.done)
	}
	<-b.done
	return b.err
}
