package pgstore

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
)

// stripes is how many rows one row of the ledger or of the figures is kept in. Transactions pick one by chance, so
// that those that post to one campaign seldom wait for each other's flush.
const stripes = 16

const postLedger = `INSERT INTO ledger (campaign, currency, ends, stripe, accepted, given, taken_back, liability)
	SELECT campaign, currency, ends, $8, accepted, given, taken_back, liability
	FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
		AS new (campaign, currency, ends, accepted, given, taken_back, liability)
	ON CONFLICT (campaign, currency, ends, stripe) DO UPDATE SET accepted = ledger.accepted + excluded.accepted,
		given = ledger.given + excluded.given, taken_back = ledger.taken_back + excluded.taken_back,
		liability = ledger.liability + excluded.liability`

// Post implements store.Tx.
func (t *transaction) Post(p *store.Posting) error {
	stripe := rand.IntN(stripes)
	if err := t.postLedger(p.Ledger, stripe); err != nil {
		return err
	}
	return t.postFigures(p, stripe)
}

func (t *transaction) postLedger(ledger []store.LedgerRow, stripe int) error {
	if len(ledger) == 0 {
		return nil
	}
	n := len(ledger)
	campaigns, currencies, ends := make([]string, n), make([]string, n), make([]string, n)
	accepted, given, back, liability := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, row := range ledger {
		campaigns[i], currencies[i], ends[i] = plain(row.Campaign), plain(row.Currency), row.Ends
		accepted[i], given[i], back[i], liability[i] = row.Accepted, row.Given, row.TakenBack, row.Liability
	}
	return t.exec(postLedger, campaigns, currencies, ends, accepted, given, back, liability, stripe)
}

// counts are the columns of the figures that count, in the order in which countsOf has them.
var counts = [...]string{"accepted", "shown", "redeemed", "voided", "corrected", "duplicates", "rejected",
	"quarantined",
	"waiting", "waiting_amount", "given", "taken_back", "delay"}

func countsOf(t *store.Tally) [len(counts)]*int64 {
	return [...]*int64{&t.Accepted, &t.Shown, &t.Redeemed, &t.Voided, &t.Corrected, &t.Duplicates, &t.Rejected,
		&t.Quarantined,
		&t.Waiting, &t.WaitingAmount, &t.Given, &t.TakenBack, &t.Delay}
}

// insertFigures posts and selectFigures reads.
var insertFigures, selectFigures = figureSQL()

// figureSQL makes both statements from the columns.
func figureSQL() (post, read string) {
	columns := strings.Join(counts[:], ", ")
	var adds, sums []string
	for _, name := range counts {
		adds = append(adds, name+" = figures."+name+" + excluded."+name)
		sums = append(sums, "sum("+name+")::bigint")
	}
	post = "INSERT INTO figures (campaign, day, merchant, store, currency, stripe, " + columns + ") VALUES " +
		"($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) " +
		"ON CONFLICT (campaign, day, merchant, store, currency, stripe) DO UPDATE SET " + strings.Join(adds, ", ")
	read = "SELECT campaign, day, merchant, store, currency, " + strings.Join(sums, ", ") + " FROM figures " +
		"WHERE campaign = ANY($1) AND ($2 = '' OR day >= $2) AND ($3 = '' OR day <= $3) GROUP BY campaign, day, merchant, " +
		"store, currency"
	return post, read
}

func (t *transaction) postFigures(p *store.Posting, stripe int) error {
	tallies, operators, settlements, measures := p.Tallies, p.Operators, p.Settlements, p.Measures
	if len(tallies)+len(operators)+len(settlements)+len(measures) == 0 {
		return nil
	}
	var batch pgx.Batch
	for i := range tallies {
		tally := &tallies[i]
		args := []any{plain(tally.Campaign), plain(tally.Day), plain(tally.Merchant), plain(tally.Store),
			plain(tally.Currency), stripe}
		for _, n := range countsOf(tally) {
			args = append(args, *n)
		}
		batch.Queue(insertFigures, args...)
	}
	queueOperators(&batch, operators)
	queueSettlements(&batch, settlements, stripe)
	queueMeasures(&batch, measures, stripe)
	return t.tx.SendBatch(t.ctx, &batch).Close()
}

// Spent implements store.Tx.
func (t *transaction) Spent(campaign, currency, day string) (sum store.Spent, err error) {
	const sums = `SELECT coalesce(sum(given), 0)::bigint, coalesce(sum(taken_back), 0)::bigint,
		coalesce(sum(liability), 0)::bigint FROM ledger WHERE campaign = $1 AND currency = $2
		AND (ends = '' OR $3 <> '' AND ends COLLATE "C" > $3)`
	err = t.tx.QueryRow(t.ctx, sums, plain(campaign), plain(currency), day).Scan(&sum.Given, &sum.TakenBack,
		&sum.Liability)
	return sum, err
}

// Ledger implements store.Tx.
func (t *transaction) Ledger(campaign string) ([]store.LedgerRow, error) {
	found, err := t.tx.Query(t.ctx, `SELECT campaign, currency, ends, accepted, given, taken_back, liability FROM ledger
		WHERE campaign = $1`, plain(campaign))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[store.LedgerRow])
}

// Tallies implements store.Tx.
func (t *transaction) Tallies(campaigns []string, from, to string) ([]store.Tally, error) {
	found, err := t.tx.Query(t.ctx, selectFigures, campaigns, from, to)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(found, scanTally)
	return slices.DeleteFunc(all, posting.IsNothing), err
}

func scanTally(r pgx.CollectableRow) (t store.Tally, err error) {
	into := []any{&t.Campaign, &t.Day, &t.Merchant, &t.Store, &t.Currency}
	for _, n := range countsOf(&t) {
		into = append(into, n)
	}
	err = r.Scan(into...)
	return t, err
}

// plain leaves out the zero byte, which PostgreSQL's text does not hold; the row itself keeps it.
func plain(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// Waiting implements store.Tx.
func (t *transaction) Waiting(targets []store.Target) ([]store.Waiting, error) {
	if len(targets) == 0 {
		return nil, nil
	}
	keys := make([][]byte, len(targets))
	for i, target := range targets {
		keys[i] = []byte(target)
	}
	all, err := t.waiting("WHERE target = ANY($1)", keys)
	waits.Sort(all)
	return all, err
}

// Overdue implements store.Tx.
func (t *transaction) Overdue(terminal record.TerminalID, at int64, most int) ([]store.Waiting, error) {
	return t.waiting("WHERE terminal = $1 AND until <= $2 ORDER BY until, record LIMIT $3", terminal[:], at, most)
}

func (t *transaction) waiting(where string, args ...any) ([]store.Waiting, error) {
	found, err := t.tx.Query(t.ctx, "SELECT target, record, terminal, number, received, until, stands FROM waiting "+where,
		args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (w store.Waiting, err error) {
		var target, id, terminal []byte
		var number int64
		err = r.Scan(&target, &id, &terminal, &number, &w.Received, &w.Until, &w.Stands)
		w.Number = uint64(number)
		w.Target = store.Target(target)
		copy(w.Record[:], id)
		copy(w.Terminal[:], terminal)
		return w, err
	})
}

// AddWaiting implements store.Tx.
func (t *transaction) AddWaiting(w store.Waiting) error {
	return t.exec("INSERT INTO waiting (target, record, terminal, number, received, until, stands) VALUES ($1, $2, $3, "+
		"$4, $5, $6, $7)",
		[]byte(w.Target), w.Record[:], w.Terminal[:], int64(w.Number), w.Received, w.Until, w.Stands)
}

// DropWaiting implements store.Tx.
func (t *transaction) DropWaiting(w store.Waiting) error {
	return t.exec("DELETE FROM waiting WHERE record = $1", w.Record[:])
}

// AddFlag implements store.Tx.
func (t *transaction) AddFlag(f store.Flag) error {
	raw, err := rowcode.Encode(f)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO flags (merchant, at, record, terminal, kind, data) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`,
		f.Merchant, f.At, f.Record[:], f.Terminal[:], string(f.Kind), raw)
}

// Flags implements store.Tx.
func (t *transaction) Flags(merchant string, after store.Flag, most int) ([]store.Flag, error) {
	return list[store.Flag](t, `SELECT data FROM flags
		WHERE merchant = $1 AND (at, record, terminal, kind) > ($2, $3, $4, $5)
		ORDER BY at, record, terminal, kind COLLATE "C" LIMIT $6`,
		merchant, after.At, after.Record[:], after.Terminal[:], string(after.Kind), most)
}
