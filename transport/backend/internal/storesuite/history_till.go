package storesuite

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A till is a terminal of which nothing is lost but its memory of passes and of signed answers, where it has none.
type till struct {
	*world
	name  string
	key   ed25519.PrivateKey
	id    record.TerminalID
	token string
	place record.Place
	zone  *time.Location
	chain record.ChainID
	// kept are all records that it wrote, number 1 first.
	kept []*kept
	// reported is how many of them tillsAtOnce reported.
	reported int
	// keepsPasses and keepsStatements say what it keeps beside its records.
	keepsPasses, keepsStatements bool
	// statements are the signed answers that it got, with the hashes of the records that each is about.
	statements []statement
	// boot is the run of its machine, which began at booted.
	boot   string
	booted time.Time
	// after is its cursor. told are the verdicts that it heard; stale are those that a restored backend may give
	// otherwise.
	after uint64
	told  map[record.Hash]record.Verdict
	stale map[record.Hash]bool
	// restores is how many restores had been made when it last heard of the backend, gaps how many there were in its
	// verdicts' numbers.
	restores, gaps int
}

type statement struct {
	signed record.Signed
	about  []record.Hash
}

// A kept is a record as the till keeps it.
type kept struct {
	till *till
	raw  []byte
	hash record.Hash
	// id is the record's, or what stands for it where it cannot be read. rec is zero then.
	id       record.ID
	rec      record.Record
	readable bool
	// of is the offer, pass what was shown; nil where the till does not know it.
	of, pass *pass
	// answered says that the backend has it, as far as the till knows; wanted that it asked for what is kept beside it.
	answered, wanted bool
}

func (k *kept) String() string { return fmt.Sprintf("%s#%d", k.till.name, k.number()) }

func (k *kept) number() int { return slices.Index(k.till.kept, k) + 1 }

// A laneAt says where a till stands and what it keeps beside its records.
type laneAt struct {
	merchant, store, lane, zone string
	passes, statements          bool
}

var theLanes = []laneAt{
	{"m-1", "s-1", "1", "Europe/Berlin", true, true},
	{"m-1", "s-1", "2", "Europe/Berlin", true, true},
	{"m-1", "s-2", "1", "America/New_York", true, false},
	{"m-2", "x-1", "1", "", true, true},
	{"m-2", "x-2", "1", "Pacific/Auckland", false, true},
	{"m-3", "y-1", "1", "", true, true},
}

func (w *world) enrol(at laneAt, n int) *till {
	code := request[wire.Code](w, w.server.Management(), "POST", wire.PathCodes, managementKey(at.merchant),
		wire.NewCode{Store: at.store, Zone: at.zone}, http.StatusCreated)
	l := &till{world: w, name: fmt.Sprintf("till %d", n), keepsPasses: at.passes, keepsStatements: at.statements,
		told: map[record.Hash]record.Verdict{}, stale: map[record.Hash]bool{}}
	l.key = ed25519.NewKeyFromSeed(w.bytes(ed25519.SeedSize))
	copy(l.id[:], w.bytes(len(l.id)))
	copy(l.chain[:], w.bytes(len(l.chain)))
	challenge := request[wire.Challenge](w, w.server, "POST", wire.PathChallenges, "", nil, http.StatusOK).Challenge
	enrolment, err := record.Enrolment{Code: code.Code, Terminal: l.id, Lane: at.lane, Challenge: challenge}.Prove(l.key)
	w.must(err)
	body := wire.FromEnrolment(enrolment)
	enrolled := request[wire.Enrolled](w, w.server, "POST", wire.PathTerminals, "", body, http.StatusOK)
	l.token, l.place = enrolled.Token, enrolled.Place
	l.zone, err = time.LoadLocation(at.zone)
	w.must(err)
	told, err := enrolled.Record()
	w.must(err)
	w.root = told.Roots[0]
	l.restart()
	return l
}

// bytes are random bytes from the world's source.
func (w *world) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(w.rng.Uint32())
	}
	return b
}

func (w *world) newID() (id record.ID) {
	copy(id[:], w.bytes(len(id)))
	return id
}

// restart begins another run of the till's machine.
func (l *till) restart() { l.boot, l.booted = fmt.Sprintf("boot %x", l.bytes(4)), l.now }

func (l *till) sinceBoot() int64 { return l.now.Sub(l.booted).Milliseconds() }

// write appends a record to the till's chain.
func (l *till) write(r record.Record, of, shown *pass) *kept {
	var prev record.Hash
	if n := len(l.kept); n > 0 {
		prev = l.kept[n-1].hash
	}
	if r.ID.IsZero() {
		r.ID = l.newID()
	}
	r.Version, r.Terminal, r.Chain, r.Number, r.Prev = record.Version, l.id, l.chain, uint64(len(l.kept)+1), prev
	r.Place.Store, r.Place.Lane = l.place.Store, l.place.Lane
	if r.Place.Merchant == "" {
		r.Place.Merchant = l.place.Merchant
	}
	if r.Sale.Key == "" {
		r.Sale.Key = "sale"
	}
	raw, err := r.Encode()
	l.must(err)
	k := &kept{till: l, raw: raw, hash: record.HashOf(raw), id: r.ID, rec: r, readable: true, of: of}
	if l.keepsPasses {
		k.pass = shown
	}
	l.kept = append(l.kept, k)
	return k
}

// scribble appends bytes that are no record.
func (l *till) scribble() *kept {
	raw := append([]byte{0xff}, l.bytes(20)...)
	k := &kept{till: l, raw: raw, hash: record.HashOf(raw), id: record.IDOf(raw)}
	l.kept = append(l.kept, k)
	return k
}

// statementsOf are the signed answers that are about any of the records that the till heard a verdict on.
func (l *till) statementsOf(records []*kept) (signed []record.Signed) {
	for _, s := range l.statements {
		about := func(k *kept) bool { _, told := l.told[k.hash]; return told && slices.Contains(s.about, k.hash) }
		if slices.ContainsFunc(records, about) {
			signed = append(signed, s.signed)
		}
	}
	return signed
}

// seal signs a report of a run of records.
func (l *till) seal(records []*kept, sent record.Evidence) record.Report {
	raws := make([][]byte, len(records))
	for i, k := range records {
		raws[i] = k.raw
	}
	report, err := record.Seal(record.Heading{Terminal: l.id, Chain: l.chain, Sent: sent, After: l.after}, raws, l.key)
	l.must(err)
	return report
}

// carry sends a report, or has the merchant upload it.
func (l *till) carry(report record.Report, upload bool) record.Answer {
	var answer wire.Answer
	if upload {
		body, key := wire.Upload{Reports: []wire.Report{wire.FromReport(report)}}, managementKey(l.place.Merchant)
		uploaded := request[wire.Uploaded](l.world, l.server.Management(), "POST", wire.PathUploads, key, body, http.StatusOK)
		if len(uploaded.Answers) != 1 || uploaded.Answers[0].Answer == nil {
			l.fail("the upload of %s: %+v", l.name, uploaded)
		}
		answer = *uploaded.Answers[0].Answer
	} else {
		body := wire.FromReport(report)
		answer = request[wire.Answer](l.world, l.server, "POST", wire.PathReports, l.token, body, http.StatusOK)
	}
	told, err := answer.Record()
	l.must(err)
	return told
}

func (l *till) askVerdicts() record.Answer {
	path := wire.PathVerdicts + "?" + wire.AfterParameter + "=" + strconv.FormatUint(l.after, 10)
	told, err := request[wire.Answer](l.world, l.server, "GET", path, l.token, nil, http.StatusOK).Record()
	l.must(err)
	return told
}
