package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// A program is a hub or a lane that runs on its own, with its folder.
type program struct {
	as, dir string
	order   any

	mu      sync.Mutex // guards what follows
	cmd     *exec.Cmd
	in      *json.Encoder
	pipe    io.Closer
	waiting map[int]chan reply
	next    int
	ended   chan struct{} // closed when it ended and nobody waits for it any more
}

// emulator runs the programs; tests set it, empty: none.
var emulator []string

// errGone says that a program ended before it answered.
var errGone = errors.New("the program ended")

// start starts the program and reads its first line into ready.
func (p *program) start(ready any) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := append(slices.Clone(emulator), self, "-as", p.as, "-dir", p.dir)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	encoder, decoder := json.NewEncoder(in), json.NewDecoder(out)
	if err := errors.Join(encoder.Encode(p.order), decoder.Decode(ready)); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.in, p.pipe, p.waiting, p.ended = cmd, encoder, in, map[int]chan reply{}, make(chan struct{})
	go p.listen(cmd, decoder, p.ended)
	return nil
}

// listen hands replies out until the program ends.
func (p *program) listen(cmd *exec.Cmd, decoder *json.Decoder, ended chan struct{}) {
	defer close(ended)
	for {
		var r reply
		if decoder.Decode(&r) != nil {
			break
		}
		p.mu.Lock()
		if c := p.waiting[r.ID]; c != nil {
			delete(p.waiting, r.ID)
			c <- r
		}
		p.mu.Unlock()
	}
	_ = cmd.Wait() // it was killed, or its input ended
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.waiting {
		close(c)
	}
	p.waiting = nil
}

// ask asks a lane. Where it is killed meanwhile the error is errGone.
func (p *program) ask(q question) (reply, error) {
	answered := make(chan reply, 1)
	p.mu.Lock()
	if p.waiting == nil {
		p.mu.Unlock()
		return reply{}, errGone
	}
	p.next++
	q.ID = p.next
	p.waiting[q.ID] = answered
	err := p.in.Encode(q)
	p.mu.Unlock()
	if err != nil {
		return reply{}, errGone
	}
	r, ok := <-answered
	switch {
	case !ok:
		return reply{}, errGone
	case r.Failed != "":
		return reply{}, errors.New(r.Failed)
	}
	return r, nil
}

// kill ends the program as a power cut does, and starts it again on its folder.
func (p *program) kill(ready any) error {
	p.mu.Lock()
	process, ended := p.cmd.Process, p.ended
	p.mu.Unlock()
	if err := process.Kill(); err != nil {
		return err
	}
	<-ended
	return p.start(ready)
}

// hold stops the program where it stands, for a while, as a machine that is suspended.
func (p *program) hold(d time.Duration) error {
	p.mu.Lock()
	process := p.cmd.Process
	p.mu.Unlock()
	if err := pause(process); err != nil {
		return err
	}
	time.Sleep(d)
	return proceed(process)
}

// end has the program end by itself.
func (p *program) end() {
	p.mu.Lock()
	pipe, ended := p.pipe, p.ended
	p.mu.Unlock()
	if pipe != nil {
		pipe.Close()
		<-ended
	}
}
