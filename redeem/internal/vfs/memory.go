package vfs

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
)

// SectorSize is what a disk writes whole or not at all.
const SectorSize = 512

// Memory is a file system in memory that knows what is on the medium and what is only on its way there. Crash gives the
// states that a disk could be left in if the power went now. The zero value is ready and empty; every folder exists.
type Memory struct {
	// Before is called before every operation that changes something, with the operation; what it returns as an error
	// makes the operation fail. It is called without locks held, and may call Crash. Nil: nothing is called.
	Before func(Operation) error

	// Reading is called before every read, with the file's name; what it returns as an error makes the read fail. Nil:
	// nothing is called.
	Reading func(name string) error

	mu     sync.Mutex
	names  map[string]*inode // as a running program sees them
	stable map[string]*inode // as they are on the medium
	lost   []effect          // what is not on the medium yet, in order
	locks  map[string]string
}

// An inode is a file, whatever its name.
type inode struct {
	live   []byte // as a running program sees it
	stable []byte // as it is on the medium
}

// An effect is one thing that may or may not reach the medium: a sector of a file, a file's length, or names.
type effect struct {
	file  *inode
	at    int64
	data  []byte
	size  int64 // where data is nil and names are not: the new length
	names []change
}

// A change enters a name; without a file it removes it.
type change struct {
	name string
	file *inode
}

// Open opens the file of that name.
func (m *Memory) Open(name string, mode Mode) (File, error) {
	if mode == Create {
		if err := m.ask("create", name); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name = filepath.Clean(name)
	node := m.names[name]
	switch {
	case mode == Create && node != nil:
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	case mode != Create && node == nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case mode == Create:
		node = &inode{}
		m.change(change{name, node})
	}
	return &memoryFile{m, name, node}, nil
}

func (m *Memory) ask(kind, name string) error {
	if m.Before == nil {
		return nil
	}
	return m.Before(Operation{kind, name})
}

func (m *Memory) change(changes ...change) {
	if m.names == nil {
		m.names = map[string]*inode{}
	}
	enter(m.names, changes)
	m.lost = append(m.lost, effect{names: changes})
}

func enter(names map[string]*inode, changes []change) {
	for _, c := range changes {
		if c.file == nil {
			delete(names, c.name)
		} else {
			names[c.name] = c.file
		}
	}
}

// List returns the names of the files in dir.
func (m *Memory) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.names {
		if filepath.Dir(name) == filepath.Clean(dir) {
			names = append(names, filepath.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// MakeDir does nothing: every folder exists.
func (m *Memory) MakeDir(string) error { return nil }

// Rename gives a file another name.
func (m *Memory) Rename(from, to string) error {
	if err := m.ask("rename", from); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to = filepath.Clean(from), filepath.Clean(to)
	node := m.names[from]
	if node == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	m.change(change{from, nil}, change{to, node})
	return nil
}

// Remove removes a file.
func (m *Memory) Remove(name string) error {
	if err := m.ask("remove", name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name = filepath.Clean(name)
	if m.names[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	m.change(change{name, nil})
	return nil
}

// SyncDir puts the names in dir on the medium.
func (m *Memory) SyncDir(dir string) error {
	if err := m.ask("syncdir", dir); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settle(func(e *effect) bool {
		return len(e.names) > 0 && filepath.Dir(e.names[0].name) == filepath.Clean(dir)
	})
	return nil
}

// settle puts the effects that which names on the medium.
func (m *Memory) settle(which func(*effect) bool) {
	if m.stable == nil {
		m.stable = map[string]*inode{}
	}
	kept := m.lost[:0]
	for i := range m.lost {
		e := &m.lost[i]
		if !which(e) {
			kept = append(kept, *e)
			continue
		}
		enter(m.stable, e.names)
		if e.file != nil {
			e.file.stable = e.applyTo(e.file.stable)
		}
	}
	clear(m.lost[len(kept):])
	m.lost = kept
}

// applyTo returns what the effect makes of a file's content.
func (e *effect) applyTo(b []byte) []byte {
	if e.data == nil {
		return resize(b, e.size)
	}
	if need := e.at + int64(len(e.data)); need > int64(len(b)) {
		b = resize(b, need)
	}
	copy(b[e.at:], e.data)
	return b
}

func resize(b []byte, size int64) []byte {
	if size <= int64(len(b)) {
		return b[:size:size]
	}
	return append(b, make([]byte, size-int64(len(b)))...)
}

// Lock takes the file of that name. A crashed system holds no locks.
func (m *Memory) Lock(name, owner string) (Lock, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if other, ok := m.locks[name]; ok {
		return nil, &Held{Owner: other}
	}
	if m.locks == nil {
		m.locks = map[string]string{}
	}
	m.locks[name] = owner
	return &memoryLock{m, name, owner}, nil
}

// Unlock takes the lock of that name away from whoever has it, as deleting the file does.
func (m *Memory) Unlock(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.locks, name)
}

// StillNamed reports whether Unlock did not come between.
func (l *memoryLock) StillNamed() (bool, error) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	return l.m.locks[l.name] == l.owner, nil
}

type memoryLock struct {
	m           *Memory
	name, owner string
}

func (l *memoryLock) Close() error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	if l.m.locks[l.name] == l.owner {
		delete(l.m.locks, l.name)
	}
	return nil
}

// Network returns "".
func (m *Memory) Network(string) (string, error) { return "", nil }

// Pending returns how many effects are not on the medium yet.
func (m *Memory) Pending() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.lost)
}

// Crash returns the file system as it is found after the power went now, with those effects on the medium for which
// kept reports true. Nothing of it is shared with m.
func (m *Memory) Crash(kept func(i int) bool) *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	copies := map[*inode]*inode{}
	of := func(n *inode) *inode {
		if n != nil && copies[n] == nil {
			copies[n] = &inode{stable: bytes.Clone(n.stable)}
		}
		return copies[n]
	}
	after := &Memory{stable: map[string]*inode{}}
	for name, node := range m.stable {
		after.stable[name] = of(node)
	}
	for i := range m.lost {
		if e := m.lost[i]; kept(i) {
			e.reach(after.stable, of)
		}
	}
	after.start()
	return after
}

func (e *effect) reach(names map[string]*inode, of func(*inode) *inode) {
	for _, c := range e.names {
		enter(names, []change{{c.name, of(c.file)}})
	}
	if e.file != nil {
		of(e.file).stable = e.applyTo(of(e.file).stable)
	}
}

// start makes what is on the medium what a program sees.
func (m *Memory) start() {
	m.names = map[string]*inode{}
	for name, node := range m.stable {
		node.live = bytes.Clone(node.stable)
		m.names[name] = node
	}
}

// Crashes yields up to n different ways in which the pending effects reach the medium: none, all, and then each
// possible one where these are few, or ones drawn with the seed where they are many.
func (m *Memory) Crashes(n int, seed uint64) []func(i int) bool {
	ways := []func(int) bool{func(int) bool { return false }}
	pending := m.Pending()
	if pending == 0 {
		return ways
	}
	ways = append(ways, func(int) bool { return true })
	if pending < 10 && 1<<pending <= n {
		for set := 1; set < 1<<pending-1; set++ {
			ways = append(ways, func(i int) bool { return set>>i&1 != 0 })
		}
		return ways
	}
	random := rand.New(rand.NewPCG(seed, uint64(pending)))
	for len(ways) < n {
		ways = append(ways, drawSubset(random, pending))
	}
	return ways
}

// drawSubset draws every second time a prefix with the last one torn away, and otherwise any subset.
func drawSubset(random *rand.Rand, pending int) func(int) bool {
	cut, any := random.IntN(pending+1), random.IntN(2) == 0
	set := make([]bool, pending)
	for i := range set {
		set[i] = any && random.IntN(2) == 0 || !any && i < cut
	}
	return func(i int) bool { return i < len(set) && set[i] }
}

// Forget drops the effects on the file of that name that are not on the medium, as a system does whose flush failed:
// programs go on seeing them, and a later flush does not write them.
func (m *Memory) Forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	node := m.names[filepath.Clean(name)]
	m.lost = slices.DeleteFunc(m.lost, func(e effect) bool { return e.file != nil && e.file == node })
}

// Bytes returns a copy of a file's content, or nil.
func (m *Memory) Bytes(name string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if node := m.names[filepath.Clean(name)]; node != nil {
		return bytes.Clone(node.live)
	}
	return nil
}

// Put sets a file's content, on the medium too.
func (m *Memory) Put(name string, b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names == nil {
		m.names = map[string]*inode{}
	}
	if m.stable == nil {
		m.stable = map[string]*inode{}
	}
	node := &inode{live: bytes.Clone(b), stable: bytes.Clone(b)}
	m.names[filepath.Clean(name)], m.stable[filepath.Clean(name)] = node, node
}

// Copy returns the file system as a program sees it now, all of it on the medium.
func (m *Memory) Copy() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &Memory{}
	for name, node := range m.names {
		c.Put(name, node.live)
	}
	return c
}
