package storesuite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// A Postgres is a PostgreSQL server of a test's own, on a socket in a folder of its own. It keeps nothing after the
// test.
type Postgres struct {
	// Address is where the database is.
	Address  string
	t        testing.TB
	bin      string
	dir      string
	settings []string
	user     serverUser
}

// StartPostgres starts a server, as user postgres where the test runs as root, which initdb refuses. Without
// PostgreSQL the test is skipped; under CI=true it fails. A commit writes to the log and does not wait for the disk,
// since the files outlive any process of a test; settings such as "fsync=on" override that. It has buffers of 4 MB: a
// test writes little, and each page of the buffers that a process of the server touches first costs a fault.
func StartPostgres(t testing.TB, settings ...string) *Postgres {
	t.Helper()
	p := newPostgres(t, settings)
	t.Cleanup(p.remove)
	p.begin()
	return p
}

func newPostgres(t testing.TB, settings []string) *Postgres {
	t.Helper()
	bin := findPostgres()
	if bin == "" {
		Missing(t, "PostgreSQL (initdb, pg_ctl) is not installed")
	}
	dir, err := os.MkdirTemp("", "offlane-pg-") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("host=%s user=offlane dbname=postgres pool_max_conns=20", dir)
	return &Postgres{Address: address, t: t, bin: bin, dir: dir,
		settings: append([]string{"fsync=off", "shared_buffers=4MB"}, settings...), user: findServerUser()}
}

// begin makes the server's files and starts it.
func (p *Postgres) begin() {
	p.t.Helper()
	if err := p.user.own(p.dir); err != nil {
		p.t.Fatal(err)
	}
	if err := p.init(); err != nil {
		p.t.Fatal(err)
	}
	p.Start()
}

// remove stops the server and removes its files.
func (p *Postgres) remove() {
	p.ctl("stop", "-m", "immediate")
	os.RemoveAll(p.dir)
}

// Missing skips a test that cannot run here, or fails it where everything should be there.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// findPostgres returns the folder with the server's programs; "": there is none that listens on a socket in a folder.
func findPostgres() string {
	if runtime.GOOS == "windows" {
		return ""
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is sound
	if len(found) == 0 {
		return ""
	}
	return slices.Max(found)
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	p.user.run(cmd)
	return cmd
}

func (p *Postgres) ctl(args ...string) {
	// it says in its log what went wrong
	p.command("pg_ctl", append([]string{"-D", p.data(), "-w", "-t", "60"}, args...)...).Run()
}

// Start starts the server, and waits until it answers.
func (p *Postgres) Start() {
	p.t.Helper()
	log := filepath.Join(p.dir, "log")
	options := "-c listen_addresses='' -c unix_socket_directories=" + p.dir + " -c max_connections=100"
	for _, setting := range p.settings {
		options += " -c " + setting
	}
	p.ctl("start", "-l", log, "-o", options)
	if out, err := p.command("pg_ctl", "-D", p.data(), "status").CombinedOutput(); err != nil {
		said, _ := os.ReadFile(log)
		p.t.Fatalf("pg_ctl start: %v: %s\n%s", err, out, said)
	}
}

// Crash stops the server as if its machine had lost power, except that the disk keeps what was written.
func (p *Postgres) Crash() {
	p.t.Helper()
	p.ctl("stop", "-m", "immediate")
}
