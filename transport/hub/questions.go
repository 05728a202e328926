package hub

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A question is a claim for which a caller waits.
type question struct {
	claim   claim
	session uint64
	epoch   uint64
	until   time.Duration // since boot
	gone    bool          // nobody waits any more; guarded by Client.mu

	answered chan struct{} // closed once what follows is set
	answer   claimAnswer
	err      error
}

func (q *question) soldItem() sold { return sold{q.claim.Sale, q.claim.Names[0]} }

// questions are the claims that were not sent yet. While mostAsking messages are on their way, claims gather for the
// next one.
type questions struct {
	waiting []*question
	asking  int // messages on their way
	closed  bool
	running sync.WaitGroup
}

// mostAsking is how many messages with claims are on their way at once: one that the hub flushes, and the next one.
const mostAsking = 2

// addLocked adds a question, and has it sent.
func (q *questions) addLocked(c *Client, one *question) {
	if q.closed {
		one.err = errCircuit
		close(one.answered)
		return
	}
	q.waiting = append(q.waiting, one)
	if q.asking < mostAsking {
		q.asking++
		q.running.Go(c.askAll)
	}
}

// takeLocked takes the questions of the next message, all of one session; nil: there are none.
func (q *questions) takeLocked() []*question {
	q.waiting = slices.DeleteFunc(q.waiting, func(one *question) bool { return one.gone })
	n := 0
	for n < min(len(q.waiting), maxAtOnce) && q.waiting[n].session == q.waiting[0].session {
		n++
	}
	taken := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return taken
}

// askAll sends messages until no question waits.
func (c *Client) askAll() {
	for {
		c.mu.Lock()
		taken := c.questions.takeLocked()
		if len(taken) == 0 {
			c.questions.asking--
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		answers, err := c.askHub(taken)
		c.mu.Lock()
		for i, q := range taken {
			if q.err = err; err == nil {
				q.answer, q.err = answers[i], checkResult(answers[i].Result)
			}
			c.endLocked(q)
		}
		c.mu.Unlock()
	}
}

// askHub sends claims of one session. Its error is about all of them.
func (c *Client) askHub(taken []*question) ([]claimAnswer, error) {
	ctx, cancel := context.WithTimeout(c.background, c.cfg.Timeout)
	defer cancel()
	message := claims{Session: taken[0].session, Claims: make([]claim, len(taken))}
	for i, q := range taken {
		message.Claims[i] = q.claim
	}
	out, err := post[claimAnswers](ctx, c, pathClaim, message)
	switch {
	case err != nil:
		return nil, err
	case out.Epoch != taken[0].epoch:
		return nil, fault.New(fault.StaleClaim, "", "the hub answers for epoch %d, the lane is in %d", out.Epoch,
			taken[0].epoch)
	case len(out.Answers) != len(taken):
		return nil, fault.New(fault.NotTheContract, "", "the hub has %d answers to %d claims", len(out.Answers), len(taken))
	}
	return out.Answers, nil
}

// endLocked hands an answer out. What was granted to a caller that is gone is given up.
func (c *Client) endLocked(q *question) {
	granted := q.err == nil && q.answer.Result == record.ClaimGranted
	if !granted || q.gone {
		c.forgetLocked(q)
	}
	if granted && q.gone {
		c.giveUpLocked(q.epoch, attempt{q.claim.Sale, q.claim.Names[0], q.claim.Attempt})
	}
	close(q.answered)
}

// forgetLocked notes that the terminal does not work on a claim any more, unless it made another attempt.
func (c *Client) forgetLocked(q *question) {
	if c.working[q.soldItem()].attempt == q.claim.Attempt {
		delete(c.working, q.soldItem())
	}
}

// abandon ends the wait for an answer that may come yet.
func (c *Client) abandon(q *question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-q.answered:
		if q.err == nil && q.answer.Result == record.ClaimGranted {
			c.forgetLocked(q)
			c.giveUpLocked(q.epoch, attempt{q.claim.Sale, q.claim.Names[0], q.claim.Attempt})
		}
	default:
		q.gone = true
		c.forgetLocked(q)
	}
}
