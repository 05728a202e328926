package storesuite

import (
	"crypto/ed25519"
	"slices"

	"github.com/offlane/offlane/redeem/record"
)

// hear keeps an answer as a till does, and holds it to what a till relies on.
// Before the number before there is a gap for which the records wait; 0: there is none.
func (l *till) hear(answer record.Answer, sent []*kept, before uint64) {
	all := slices.Concat(answer.Items, answer.Later)
	l.checkStatement(answer, all)
	l.checkNumbers(answer, all)
	for _, v := range all {
		l.hearVerdict(v)
	}
	l.after, l.restores = answer.Cursor, l.world.restores
	for _, k := range sent {
		if slices.ContainsFunc(answer.Items, func(v record.Verdict) bool { return v.Hash == k.hash }) {
			k.answered, k.wanted = true, false
		}
	}
	for _, id := range answer.Wanted {
		for _, k := range sent {
			if k.id == id {
				k.answered, k.wanted = false, true
			}
		}
	}
	l.hearMissing(answer, before)
	l.checkHeard()
}

// hearMissing puts what the backend lacks back into the queue.
func (l *till) hearMissing(answer record.Answer, before uint64) {
	if answer.Last == nil || answer.Forked {
		l.fail("%s: the answer's last is %v, forked: %v", l.name, answer.Last, answer.Forked)
	}
	missing, last := l.books.missing(l, before)
	if *answer.Last != last || !slices.Equal(answer.Missing, missing) {
		l.fail("%s: the backend has records up to %d and misses %v, it should have %d and miss %v",
			l.name, *answer.Last, answer.Missing, last, missing)
	}
	for i, k := range l.kept {
		n := uint64(i + 1)
		asked := slices.ContainsFunc(missing, func(r record.Range) bool { return r.First <= n && n <= r.Last })
		if asked || n > last {
			k.answered = false
		}
	}
}

// hearVerdict keeps a verdict. One that was heard stays, but where the till lost the proof and the backend its memory.
func (l *till) hearVerdict(v record.Verdict) {
	if v.Status == record.Received {
		return
	}
	was, heard := l.told[v.Hash]
	if heard && !l.stale[v.Hash] && !l.collides[v.Record] && (was.Status != v.Status || was.Reason != v.Reason) {
		l.fail("%s: the verdict on %s was %q %q and is %q %q", l.name, v.Record, was.Status, was.Reason, v.Status, v.Reason)
	}
	l.told[v.Hash] = v
	delete(l.stale, v.Hash)
}

// checkStatement holds the backend's signature to the verdicts of its answer, and keeps it.
func (l *till) checkStatement(answer record.Answer, all []record.Verdict) {
	if len(all) == 0 {
		return
	}
	statement, err := answer.Statement.Open(ed25519.PublicKey(l.root.Public))
	l.must(err)
	want := slices.DeleteFunc(slices.Clone(all), func(v record.Verdict) bool { return v.Status == record.Received })
	if statement.Terminal != l.id || len(statement.Verdicts) != len(want) {
		l.fail("%s: the statement has %d verdicts, the answer %d", l.name, len(statement.Verdicts), len(want))
	}
	l.keepStatement(answer.Statement, statement.Verdicts)
}

func (l *till) keepStatement(signed record.Signed, verdicts []record.Verdict) {
	if !l.keepsStatements || len(verdicts) == 0 {
		return
	}
	s := statementOf(signed, verdicts)
	fresh := func(v record.Verdict) bool { _, told := l.told[v.Hash]; return !told || l.stale[v.Hash] }
	if slices.ContainsFunc(verdicts, fresh) { // what it heard before is proven already
		l.statements = append(l.statements, s)
	}
}

func statementOf(signed record.Signed, verdicts []record.Verdict) (s statement) {
	s.signed = signed
	for _, v := range verdicts {
		s.about = append(s.about, v.Hash)
	}
	return s
}

// checkNumbers holds the numbers of the verdicts to be without a gap, but for one that a restore made.
func (l *till) checkNumbers(answer record.Answer, all []record.Verdict) {
	var numbers []uint64
	for _, v := range all {
		if v.Status != record.Received && v.Number == 0 {
			l.fail("%s: the verdict on %s has no number", l.name, v.Record)
		}
		if v.Number > l.after {
			numbers = append(numbers, v.Number)
		}
	}
	slices.Sort(numbers)
	last := l.after
	for _, n := range numbers {
		if n == last {
			l.fail("%s: two verdicts have number %d", l.name, n)
		}
		if n != last+1 {
			l.gaps++
		}
		last = n
	}
	if l.gaps > l.world.restores || last != answer.Cursor || answer.More {
		l.fail("%s: it read up to %d and hears %v up to %d, more: %v", l.name, l.after, numbers, answer.Cursor, answer.More)
	}
}

// checkHeard holds the till to know every verdict that the books have on its records.
func (l *till) checkHeard() {
	for _, f := range l.books.facts {
		if f.till != l || f.effect == awaits {
			continue
		}
		v, ok := l.told[f.hash]
		if l.deaf && (!ok || l.stale[f.hash]) {
			continue // its number was read before the restore, so the verdict was not heard, or not anew
		}
		if !ok || v.Status != f.status || v.Reason != f.reason {
			l.fail("%s: it heard %q %q of %s, the books have %q %q", l.name, v.Status, v.Reason, f, f.status, f.reason)
		}
	}
}

// forget is what a restore changes of what the till may be told: what it cannot prove, and what waited when the backup
// was made.
func (l *till) forget() {
	for hash := range l.told {
		f := l.books.byHash(hash)
		switch {
		case f != nil && f.effect != awaits: // the backup has the verdict
		case f != nil || !l.keepsStatements:
			l.stale[hash] = true
		}
	}
}
