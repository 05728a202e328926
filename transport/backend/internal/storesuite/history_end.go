package storesuite

import (
	"slices"
	"time"
)

// maxRounds is how often all tills report until nothing is left to send.
const maxRounds = 50

// end has all tills send what is left, and lets so much time pass that nothing can wait any more. Then every record is
// in the books, and every till has heard of each of its own.
func (w *world) end() {
	w.note("all tills report what they have")
	w.settle()
	w.compare()
	w.compareAll()
	w.checkKept()
	w.now = w.now.Add(100 * 24 * time.Hour)
	w.note("a hundred days pass")
	w.settle()
	w.compare()
	w.compareAll()
	for _, l := range w.tills {
		if n := w.books.waiting(l); n > 0 {
			w.fail("%d records of %s wait for ever", n, l.name)
		}
	}
}

// settle has all tills report until each has heard that the backend has all of its records.
func (w *world) settle() {
	for range maxRounds {
		quiet := true
		for _, l := range w.tills {
			w.now = w.now.Add(time.Second)
			first := slices.IndexFunc(l.kept, func(k *kept) bool { return !k.answered })
			if first < 0 {
				w.books.giveUp(l)
				l.hear(l.askVerdicts(), nil, 0)
				quiet = quiet && !slices.ContainsFunc(l.kept, func(k *kept) bool { return !k.answered })
				continue
			}
			quiet = false
			last := min(first+40, len(l.kept))
			l.reportRun(l.readableFrom(first, last), false)
		}
		if quiet && w.books.noneOverdue() {
			return
		}
	}
	w.fail("the tills do not come to an end")
}

func (b *plainBooks) noneOverdue() bool {
	return allOf(b.facts, func(f *fact) bool { return f.effect != awaits || f.overdue > b.millis() })
}

// checkKept holds every record that a till wrote to be in the books.
func (w *world) checkKept() {
	for _, l := range w.tills {
		for _, k := range l.kept {
			if w.books.byHash(k.hash) == nil {
				w.fail("%s is not in the books", k)
			}
		}
	}
}
