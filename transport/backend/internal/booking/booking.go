// Package booking judges the records of one report in one transaction: it reads all rows that they touch, decides in
// memory, and writes what changed, the ledger and the figures last.
//
//	items ─► rows read ─┬─► redemption ─► confirmed, duplicate, rejected; takes what waits for it
//	                    ├─► void, correction ─► confirmed, rejected; received where the redemption has not come
//	                    └─► reservation, release ─► confirmed, rejected
//
// First is the redemption that is committed first, and a verdict is final. All voids of a redemption together take
// back at most what it gave, in its currency. What an entry counts stands in the entry, and what a transaction changes
// of that is posted.
package booking

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// ErrAlone asks for the transaction to be run again with the merchant's lock for itself: a void names a redemption for
// which no row stands, and none may come meanwhile; or other terminals' voids wait for a redemption that came.
var ErrAlone = errors.New("booking: the merchant's lock is needed alone")

// ErrAgain asks for the transaction to be run again: another one took up the same offer from its pass meanwhile.
var ErrAgain = errors.New("booking: another report brought the same offer back")

// A Report is what is booked.
type Report struct {
	// Now is the moment of the booking in milliseconds since 1970.
	Now int64
	// Terminal is whose records they are; its row is locked, changed and not written.
	Terminal *store.Terminal
	// Sent is the evidence of time in the report's heading.
	Sent  record.Evidence
	Items []record.Item
	// Passes are those that came beside the items, one each; nil: the terminal was not asked for them.
	Passes []string
	// Stand are verdicts that the backend signed before it was restored, by the record's hash.
	Stand map[record.Hash]record.Verdict
	// Withdrawals name the statements of the backend's clock that are evidence of nothing.
	Withdrawals []record.Withdrawal
	// Gap says that records are missing which the terminal made before these, since the backend was restored: what is new
	// is wanted again after them, so that it is booked in the order in which it was made.
	Gap bool
	// Alone says that the merchant's lock is held alone.
	Alone bool
}

// Rules are what a backend judges by. They are the same for all reports.
type Rules struct {
	// LongestAlone is how long a terminal may work without a backend.
	LongestAlone time.Duration
	// Recover verifies a pass that may be one of those that the backend issued and forgot; nil: nothing was restored.
	Recover func(text string) (*offer.Pass, error)
	// VerdictsAfter is the number behind which verdicts are numbered: since the backend was restored terminals know of
	// more verdicts than it does, and read those alone that follow. 0: nothing was restored.
	VerdictsAfter uint64
}

// A Result is what a booking came to.
type Result struct {
	// Verdicts are those of the items, or Received, without those of Later and Wanted.
	Verdicts []record.Verdict
	// Taken says for each item whether it was judged or kept: one that was not is not here yet as far as the chain goes.
	// Fresh says whether it had not come before.
	Taken, Fresh []bool
	// Wanted are records whose pass and signed verdict are wanted.
	Wanted []record.ID
	// Others says that verdicts on earlier records of the same terminal were given as well.
	Others bool
	// Trouble are failures of single items, which the terminal tries again later.
	Trouble []error
}

// A booking is one run of Book.
type booking struct {
	tx    store.Tx
	rules *Rules
	now   int64
	*Report

	loaded    map[record.ID]store.Entry // as they were read
	entries   map[record.ID]*store.Entry
	products  map[record.ID][]string // that a redemption reports
	offers    map[offer.ID]*store.Offer
	aliases   map[string]*store.Offer
	campaigns map[string]*store.Campaign
	coupons   map[string]*coupon
	terminals map[record.TerminalID]*store.Terminal
	waits     map[store.Target][]store.Waiting
	crowds    map[store.Target]int // how many wait for what the items' voids are about

	changedEntries   map[record.ID]*store.Entry
	changedOffers    map[offer.ID]*store.Offer
	addedOffers      []offer.ID
	added, dropped   map[record.ID]store.Waiting
	flags            []store.Flag
	sums             posting.Sums
	result           Result
	changedTerminals map[record.TerminalID]bool
	settlementDays   map[[2]string]string // by owner and partner
}

func newBooking(tx store.Tx, rules *Rules, r *Report) *booking {
	return &booking{
		tx: tx, rules: rules, now: r.Now, Report: r,
		loaded: map[record.ID]store.Entry{}, entries: map[record.ID]*store.Entry{},
		offers: map[offer.ID]*store.Offer{}, products: map[record.ID][]string{}, aliases: map[string]*store.Offer{},
		campaigns: map[string]*store.Campaign{}, coupons: map[string]*coupon{},
		terminals:      map[record.TerminalID]*store.Terminal{r.Terminal.ID: r.Terminal},
		waits:          map[store.Target][]store.Waiting{},
		crowds:         map[store.Target]int{},
		changedEntries: map[record.ID]*store.Entry{}, changedOffers: map[offer.ID]*store.Offer{},
		added: map[record.ID]store.Waiting{}, dropped: map[record.ID]store.Waiting{},
		changedTerminals: map[record.TerminalID]bool{}, settlementDays: map[[2]string]string{},
	}
}

// Book gives each item its verdict, the one it got before where it came before. Errors: ErrAlone, ErrAgain, and those
// of the Tx.
func Book(tx store.Tx, rules *Rules, r *Report) (Result, error) {
	b := newBooking(tx, rules, r)
	if err := b.load(); err != nil {
		return Result{}, err
	}
	if err := b.giveUpOverdue(); err != nil {
		return Result{}, err
	}
	b.result.Taken, b.result.Fresh = make([]bool, len(r.Items)), make([]bool, len(r.Items))
	for i := range r.Items {
		if err := b.item(i); err != nil {
			return Result{}, err
		}
	}
	return b.result, b.save()
}

// item answers one item, or leaves it for later.
func (b *booking) item(i int) error {
	it := &b.Items[i]
	if trouble := b.troubleOf(it); trouble != nil {
		b.result.Trouble = append(b.result.Trouble, trouble)
		return nil
	}
	e := b.earlierEntry(it)
	if e == nil {
		if b.wants(i) {
			b.result.Wanted = append(b.result.Wanted, it.Name)
			return nil
		}
		var err error
		if e, err = b.judge(i); err != nil {
			return err
		}
		b.result.Fresh[i] = true
	}
	b.result.Taken[i] = true
	b.result.Verdicts = append(b.result.Verdicts, e.Verdict)
	return nil
}

// earlierEntry returns the entry of an item that came before with the same bytes.
func (b *booking) earlierEntry(it *record.Item) *store.Entry {
	for _, name := range [...]record.ID{it.Name, fallbackID(it)} {
		if e := b.entries[name]; e != nil && e.Hash == it.Hash {
			return e
		}
	}
	return nil
}

// put has the entry written and counted as it stands when all is judged.
func (b *booking) put(e *store.Entry) {
	b.entries[e.ID], b.changedEntries[e.ID] = e, e
	b.spend(e)
}

func (b *booking) putOffer(o *store.Offer) { b.changedOffers[o.ID] = o }

// save writes what changed. The ledger and the figures come last, in one order, so that they are locked for moments
// only.
func (b *booking) save() error {
	for id, e := range b.changedEntries {
		var before *store.Entry
		if was, ok := b.loaded[id]; ok {
			before = &was
		}
		b.sums.Count(before, e)
		if err := b.settle(before, e); err != nil {
			return err
		}
	}
	for _, id := range b.addedOffers {
		switch err := b.tx.AddOffer(*b.offers[id]); {
		case errors.Is(err, fault.Conflict):
			return ErrAgain
		case err != nil:
			return err
		}
		delete(b.changedOffers, id)
	}
	if err := b.countAccepted(); err != nil {
		return err
	}
	if err := b.tx.PutEntries(valuesOf(b.changedEntries)); err != nil {
		return err
	}
	if err := b.tx.PutOffers(valuesOf(b.changedOffers)); err != nil {
		return err
	}
	if err := b.saveWaiting(); err != nil {
		return err
	}
	if err := b.saveTerminals(); err != nil {
		return err
	}
	for _, f := range b.flags {
		if err := b.tx.AddFlag(f); err != nil {
			return err
		}
	}
	return b.tx.Post(b.sums.Posting())
}

// saveTerminals writes the rows of other terminals that got a verdict; the report's own is its caller's.
func (b *booking) saveTerminals() error {
	for _, id := range slices.SortedFunc(maps.Keys(b.changedTerminals), compareTerminals) {
		if id == b.Terminal.ID {
			continue
		}
		if err := b.tx.PutTerminal(*b.terminals[id]); err != nil {
			return err
		}
	}
	return nil
}

func compareTerminals(a, b record.TerminalID) int { return slices.Compare(a[:], b[:]) }

func valuesOf[K comparable, V any](m map[K]*V) (values []V) {
	for _, v := range m {
		values = append(values, *v)
	}
	return values
}

// flag has a person look at a record.
func (b *booking) flag(kind store.FlagKind, e *store.Entry, detail string) {
	b.flags = append(b.flags, store.Flag{Kind: kind, Merchant: e.Place.Merchant, Record: e.ID, Terminal: e.Terminal,
		At: b.now, Detail: detail})
	t := b.terminals[e.Terminal]
	if t == nil {
		return
	}
	if t.Flags == nil {
		t.Flags = map[store.FlagKind]uint64{}
	}
	t.Flags = maps.Clone(t.Flags)
	t.Flags[kind]++
	b.changedTerminals[t.ID] = true
}

// number gives an entry the next number of its terminal's verdicts, which the terminal has not read beyond.
func (b *booking) number(e *store.Entry) error {
	t, err := b.terminal(e.Terminal)
	if err != nil {
		return err
	}
	t.LastVerdict = max(t.LastVerdict, b.rules.VerdictsAfter) + 1
	e.Verdict.Number = t.LastVerdict
	b.changedTerminals[t.ID] = true
	return nil
}

// terminal returns a terminal's row and locks it.
func (b *booking) terminal(id record.TerminalID) (*store.Terminal, error) {
	if t := b.terminals[id]; t != nil {
		return t, nil
	}
	t, err := b.tx.Terminal(id)
	if err == nil && t == nil {
		err = fault.New(fault.Damaged, "booking", "terminal %s is not in the store: restore a backup", id)
	}
	if err != nil {
		t = nil
	}
	b.terminals[id] = t
	return t, err
}

// find returns the offer that a record names, nil if the backend does not know it.
func (b *booking) find(rec *record.Record) *store.Offer {
	return cmp.Or(b.offers[rec.Offer], b.aliases[rec.Alias])
}
