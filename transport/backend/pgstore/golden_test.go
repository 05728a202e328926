package pgstore_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
)

var renew = flag.Bool("update", false, "write the golden file anew")

// golden holds each table as COPY writes it (PostgreSQL manual, "COPY", text format), behind a line with its name and
// before an empty one.
const golden = "testdata/rows-v2.txt"

// tables are those with rows, with what orders them.
var tables = [][2]string{{"settings", "name"}, {"campaigns", "id"}, {"codes", "hash"}, {"terminals", "id"},
	{"devices", "hash"}, {"offers", "id"}, {"entries", "id"}, {"waiting", "record"}, {"flags", "at"},
	{"ledger", "campaign, currency, ends"}, {"figures", "campaign, day, merchant, store, currency"},
	{"agreements", "id"}, {"management_keys", "hash"}, {"challenges", "nonce"},
	{"operators", "merchant, day, operator, store, lane, currency"}, {"tokens", "hash"}, {"marks", "offer"},
	{"bundles", "merchant"}, {"answers", "device, name"}, {"shown", "name"},
	{"settlements", "owner, partner, day, campaign, currency"}, {"closings", "owner, partner, day"},
	{"closed", "owner, partner"}, {"measures", "campaign, arm"}}

func dump(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer c.Release()
	var text bytes.Buffer
	for _, table := range tables {
		fmt.Fprintln(&text, table[0])
		if _, err := c.Conn().PgConn().CopyTo(ctx, &text, fmt.Sprintf("COPY (SELECT * FROM %s ORDER BY %s) TO STDOUT",
			table[0], table[1])); err != nil {
			return "", err
		}
		fmt.Fprintln(&text)
	}
	return text.String(), nil
}

func load(ctx context.Context, pool *pgxpool.Pool, text string) error {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	for part := range strings.SplitSeq(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		table, rows, _ := strings.Cut(part, "\n")
		if _, err := c.Conn().PgConn().CopyFrom(ctx, strings.NewReader(rows+"\n"), "COPY "+table+" FROM STDIN"); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

func TestTheTablesHoldWhatTheirGoldenFileShows(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, st store.Store, pool *pgxpool.Pool){
		"written": func(t *testing.T, st store.Store, pool *pgxpool.Pool) {
			storesuite.WriteSample(t, st)
			// chosen by chance
			_, err := pool.Exec(t.Context(),
				"UPDATE ledger SET stripe = 0; UPDATE figures SET stripe = 0; "+
					"UPDATE settlements SET stripe = 0; UPDATE measures SET stripe = 0; UPDATE marks SET changed = 5")
			require.NoError(t, err)
			got, err := dump(t.Context(), pool)
			require.NoError(t, err)
			if *renew {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		},
		"read": func(t *testing.T, st store.Store, pool *pgxpool.Pool) {
			text, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.NoError(t, load(t.Context(), pool, string(text)))
			storesuite.ReadSample(t, st)
		},
	} {
		t.Run(name, func(t *testing.T) {
			address := database(t)
			st, err := pgstore.Open(t.Context(), address)
			require.NoError(t, err)
			defer st.Close()
			pool, err := pgxpool.New(t.Context(), address)
			require.NoError(t, err)
			defer pool.Close()
			test(t, st, pool)
		})
	}
}
