package hub

import "sync"

// calls are the requests of lanes that are being answered, and their tunnels. What net/http does not wait for, since it
// is a tunnel or took too long, the server waits for.
type calls struct {
	running sync.WaitGroup

	mu     sync.Mutex // guards closed; held while running grows
	closed bool
}

// begin counts a call, and reports whether the server takes it.
func (c *calls) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.running.Add(1)
	}
	return !c.closed
}

func (c *calls) end() { c.running.Done() }

// close refuses what comes, and returns when the others have ended. Their connections are closed before.
func (c *calls) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.running.Wait()
}
