package storesuite

import (
	"slices"
	"time"

	"github.com/offlane/offlane/transport/backend"
)

// maxBackups bounds how many copies a life keeps.
const maxBackups = 3

// backUp copies the store.
func (w *world) backUp() {
	w.note("a backup is made")
	if len(w.backups) == maxBackups {
		w.backups[0].store.Close()
		w.backups = slices.Delete(w.backups, 0, 1)
	}
	w.backups = append(w.backups, &backup{w.h.Copy(w.t, w.store), w.books.clone(), w.now})
}

// restore puts a backup in the place of the store. The operator declares the period of which the backup knows nothing,
// or forgets to, or errs.
func (w *world) restore() {
	if len(w.backups) == 0 {
		w.backUp()
		return
	}
	i := w.rng.IntN(len(w.backups))
	for _, later := range w.backups[i+1:] { // of what happens now, they know as little
		later.store.Close()
	}
	from := w.backups[i]
	w.backups = w.backups[:i+1]
	w.store.Close()
	w.store, w.books, w.restores = w.h.Copy(w.t, from.store), from.books.clone(), w.restores+1
	w.served = w.store
	w.declare(from.at)
	w.serve()
	for _, l := range w.tills {
		l.forget()
	}
	w.note("the backup of %s is restored, with the period %s", from.at.Format("02 15:04:05"), w.restored)
}

// declare sets the period that the operator declares. One that he declared before goes on.
func (w *world) declare(backup time.Time) {
	from, until := backup.Truncate(time.Second), w.now.Add(time.Second)
	if !w.restored.IsZero() && w.restored.From.Before(from) {
		from = w.restored.From
	}
	switch n := w.rng.IntN(100); {
	case n < 10:
		w.restored, w.deaf = backend.Period{}, true
		return
	case n < 25:
		from = from.Add(until.Sub(from) / 2)
	}
	w.restored = backend.Period{From: from, Until: until}
}

// endRestore starts the server without the period, once all tills have been heard.
func (w *world) endRestore() {
	heard := func(l *till) bool { return l.restores == w.restores }
	if w.restored.IsZero() || !allOf(w.tills, heard) {
		return
	}
	w.restored = backend.Period{}
	w.serve()
	w.note("the period of the restore is over")
}

func allOf[T any](all []T, is func(T) bool) bool {
	return !slices.ContainsFunc(all, func(v T) bool { return !is(v) })
}
