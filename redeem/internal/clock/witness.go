package clock

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/record"
)

// maxWitnesses is how many statements are kept, so that there is one from before those that are withdrawn.
const maxWitnesses = 8

// A statement is a signed moment, in milliseconds since 1970, and the count when it came.
type statement struct {
	_      struct{} `cbor:",toarray"`
	Millis int64
	// Correction is the number of the backend's newest correction when it was signed.
	Correction uint64
	At         int64
	Run        uint64
	// Now says that it was signed as it was sent, as a backend's clock is; a bundle says when it was made, which may be
	// long ago.
	Now bool
}

// lead is what it makes of the count: the moment is no earlier than the count and that.
func (s statement) lead() int64 { return s.Millis - s.At }

// A knowledge is what statements of time say, which are all that moves the earliest moment. The wall clock moves
// nothing.
//
// A statement that goes further ahead than it may by the count is a claim. It counts once a second one agrees with it
// that came at least evidence.ConfirmAfter later by the count. Until then the terminal goes by what stood before.
type knowledge struct {
	_ struct{} `cbor:",toarray"`
	// Confirmed are those that count, oldest first.
	Confirmed []statement
	// Claim is the one that nothing confirms; zero: there is none.
	Claim statement
	// Correction is the number of the newest correction heeded, and Withdrawals what it and the ones before it withdrew.
	Correction  uint64
	Withdrawals []record.Withdrawal
}

// best is the statement that the earliest moment rests on; false: there is none.
func (k *knowledge) best() (best statement, ok bool) {
	for _, s := range k.Confirmed {
		if !ok || s.lead() > best.lead() {
			best, ok = s, true
		}
	}
	return best, ok
}

// claimedTime is the present by the claim; 0: there is none.
func (k *knowledge) claimedTime(passed int64) int64 {
	if k.Claim.Millis == 0 {
		return 0
	}
	return k.Claim.lead() + passed
}

// hears reports whether the backend said in a run of the machine what the time is. From then on the count tells it.
func (k *knowledge) hears(run uint64) bool {
	return slices.ContainsFunc(k.Confirmed, func(s statement) bool { return s.Now && s.Run == run })
}

// add weighs a statement that has just come. wall is what the wall clock says, most how far a statement may go ahead
// over a time without the machine's count.
func (k *knowledge) add(s statement, wall, most int64) {
	best, ok := k.best()
	jump := s.lead() - best.lead()
	switch {
	case k.isWithdrawn(s):
	case !k.follows(s, wall, most):
		k.claim(s, most)
	case ok && jump < -evidence.Slack.Milliseconds(): // an old one, which says nothing new
	case jump > 0 || !ok || s.Now && !k.hears(s.Run):
		k.confirm(s)
	default:
		k.deny(s)
	}
}

// follows reports whether a statement counts at once. In a run in which the backend was heard the count says how far
// ahead it may be. Over a time when the machine may have been off it may be most; where it is ahead of a wall clock
// that may be right, and the first of all where it is ahead of any, one of the two is wrong and the statement waits.
func (k *knowledge) follows(s statement, wall, most int64) bool {
	best, ok := k.best()
	jump, ahead := s.lead()-best.lead(), s.Millis > wall+evidence.Slack.Milliseconds()
	switch {
	case !ok:
		return !ahead
	case jump <= evidence.Slack.Milliseconds():
		return true
	case k.hears(s.Run):
		return false
	}
	earliest := best.lead() + s.At
	mayBeRight := wall >= earliest-evidence.Slack.Milliseconds() && wall <= earliest+most
	return jump <= most && !(ahead && mayBeRight)
}

// claim keeps a statement that goes too far ahead, or takes it for the second one that confirms the first.
func (k *knowledge) claim(s statement, most int64) {
	first := k.Claim
	further, agrees := s.lead()-first.lead(), evidence.Slack.Milliseconds()
	if first.Run != s.Run { // the machine may have been off between the two
		agrees = most
	}
	switch {
	case first.Millis != 0 && !s.Now && further <= 0: // a bundle is older than what was said before: it says no less
	case first.Millis == 0 || further < -evidence.Slack.Milliseconds() || further > agrees:
		k.Claim = s
	case s.At-first.At >= evidence.ConfirmAfter.Milliseconds():
		k.Claim = statement{}
		k.confirm(s)
	}
}

// confirm has a statement count. It ends the claim: what the backend says now is this.
func (k *knowledge) confirm(s statement) {
	k.deny(s)
	n := len(k.Confirmed)
	if n > 1 && k.Confirmed[n-1].At-k.Confirmed[n-2].At < time.Hour.Milliseconds() && k.replaces(k.Confirmed[n-1], s) {
		k.Confirmed = k.Confirmed[:n-1]
	}
	k.Confirmed = append(slices.Clip(k.Confirmed), s)
	if len(k.Confirmed) > maxWitnesses {
		k.thin()
	}
}

// replaces reports whether a newer statement can stand for an older one.
func (k *knowledge) replaces(older, newer statement) bool {
	return newer.lead() >= older.lead() && (newer.Now || !older.Now) && newer.Correction == older.Correction
}

// deny drops the claim where the backend says now that it is another time.
func (k *knowledge) deny(s statement) {
	if s.Now {
		k.Claim = statement{}
	}
}

// thin drops the statement that came soonest before the next one, but neither the newest nor the one that counts, so
// that those that stay lie far apart.
func (k *knowledge) thin() {
	best, _ := k.best()
	drop, least := 0, int64(0)
	for i, s := range k.Confirmed[:len(k.Confirmed)-1] {
		if gap := k.Confirmed[i+1].At - s.At; s != best && (least == 0 || gap < least) {
			drop, least = i, max(gap, 1)
		}
	}
	k.Confirmed = slices.Delete(k.Confirmed, drop, drop+1)
}

// withdraw drops what a correction names, and reports whether it is newer than the last. What stood before counts
// again; no time is set.
func (k *knowledge) withdraw(number uint64, withdrawals []record.Withdrawal) bool {
	if number <= k.Correction {
		return false
	}
	k.Correction, k.Withdrawals = number, withdrawals
	k.Confirmed = slices.DeleteFunc(slices.Clone(k.Confirmed), k.isWithdrawn)
	if k.isWithdrawn(k.Claim) {
		k.Claim = statement{}
	}
	return true
}

func (k *knowledge) isWithdrawn(s statement) bool {
	return slices.ContainsFunc(k.Withdrawals, func(w record.Withdrawal) bool { return w.Names(s.Millis, s.Correction) })
}
