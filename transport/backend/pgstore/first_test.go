package pgstore_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// asBackend is the environment variable that makes this test program be a backend on the database that it names.
const asBackend = "OFFLANE_TEST_DATABASE"

const merchant = "m-1"

func TestMain(m *testing.M) {
	if database := os.Getenv(asBackend); database != "" {
		if err := beBackend(database, os.Getenv("OFFLANE_TEST_LISTEN")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	postgres.Close()
	os.Exit(code)
}

func beBackend(database, address string) error {
	st, err := pgstore.Open(context.Background(), database)
	if err != nil {
		return err
	}
	server, err := newServer(st)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, server)
}

func newServer(st store.Store) (*backend.Server, error) {
	return backend.New(context.Background(), backend.Config{Store: st, Merchants: []backend.Merchant{{Name: merchant}},
		Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1}})
}

// A process is one backend of several.
type process struct {
	t        *testing.T
	database string
	address  string
	cmd      *exec.Cmd
}

// start runs it, on the same address as before, until it listens. The database may still be away.
func (p *process) start() {
	for range 100 {
		p.cmd = exec.Command(os.Args[0])
		p.cmd.Env = append(os.Environ(), asBackend+"="+p.database, "OFFLANE_TEST_LISTEN="+p.address)
		out, err := p.cmd.StdoutPipe()
		require.NoError(p.t, err)
		require.NoError(p.t, p.cmd.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		if err == nil {
			p.address = strings.TrimSpace(line)
			return
		}
		p.cmd.Wait() // it could not begin
	}
	p.t.Error("the backend does not start")
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait() // its error is the kill
}

// A lane is a terminal that reports each of the offers once.
type lane struct {
	report  record.Report
	records []record.Record
	token   string
	answer  []record.Verdict
}

func newLane(t *testing.T, server *backend.Server, offers []offer.ID, n int) *lane {
	t.Helper()
	code, err := server.AddCode(t.Context(), merchant, wire.NewCode{Store: fmt.Sprint("s-", n)})
	require.NoError(t, err)
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	l, id, chain := &lane{}, record.NewTerminalID(), record.NewChainID()
	var challenge wire.Challenge
	require.NoError(t, send(server, wire.PathChallenges, "", nil, &challenge))
	e, err := record.Enrolment{Code: code.Code, Terminal: id, Lane: "1", Challenge: challenge.Challenge}.Prove(key)
	require.NoError(t, err)
	var told wire.Enrolled
	require.NoError(t, send(server, wire.PathTerminals, "", wire.FromEnrolment(e), &told))
	l.token = told.Token
	var raws [][]byte
	var prev record.Hash
	now := time.Now().UnixMilli()
	for i, o := range rand.Perm(len(offers)) {
		r := record.Record{Kind: record.Redemption, ID: record.NewID(), Terminal: id, Chain: chain, Number: uint64(i + 1),
			Prev: prev, Place: told.Place,
			Offer: offers[o], Sale: record.Sale{Key: fmt.Sprint(i)}, Time: record.Evidence{Wall: now, Earliest: now,
				Trusted: true}}
		raw, err := r.Encode()
		require.NoError(t, err)
		raws, prev, l.records = append(raws, raw), record.HashOf(raw), append(l.records, r)
	}
	l.report, err = record.Seal(record.Heading{Terminal: id, Chain: chain}, raws, key)
	require.NoError(t, err)
	return l
}

func send(h http.Handler, path, token string, body, answer any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code >= 300 {
		return fmt.Errorf("%s: %d: %s", path, w.Code, w.Body)
	}
	return json.Unmarshal(w.Body.Bytes(), answer)
}

// try reports once over the network.
func (l *lane) try(client *http.Client, address string) error {
	raw, err := json.Marshal(wire.FromReport(l.report))
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, "http://"+address+wire.PathReports, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+l.token)
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("%d: %s: %w", response.StatusCode, body, err)
	}
	var answer wire.Answer
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if len(answer.Items) != len(l.records) {
		return fmt.Errorf("%d items for %d records", len(answer.Items), len(l.records))
	}
	l.answer = answer.Items
	return nil
}

// one is a register that takes the first record of an identifier: the first is confirmed, all others are its
// duplicates.
var one = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		by := map[offer.ID][]porcupine.Operation{}
		for _, op := range history {
			id := op.Input.(record.Record).Offer
			by[id] = append(by[id], op)
		}
		for _, part := range by {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return record.ID{} },
	Step: func(state, input, output any) (bool, any) {
		first, rec, v := state.(record.ID), input.(record.Record), output.(record.Verdict)
		if first.IsZero() {
			return v.Status == record.Confirmed, rec.ID
		}
		return v.Status == record.Duplicate && v.First != nil && v.First.Record == first, first
	},
}

func (l *lane) operations(client int, call, back int64) (ops []porcupine.Operation) {
	for i, r := range l.records {
		ops = append(ops, porcupine.Operation{ClientId: client, Input: r, Call: call, Output: l.answer[i], Return: back})
	}
	return ops
}

func acceptedOffers(t *testing.T, server *backend.Server, n int) (ids []offer.ID) {
	t.Helper()
	for range n {
		var accepted wire.DeviceOffer
		require.NoError(t, send(server, wire.PathDeviceOffers, "", wire.Accept{Campaign: "c"}, &accepted))
		p, err := offer.Parse(accepted.Pass)
		require.NoError(t, err)
		ids = append(ids, p.ID)
	}
	return ids
}

// rounds is how often the trouble comes, each time with offers and lanes of its own.
var rounds = flag.Int("rounds", 1, "how many rounds of kills and crashes the first redemption is asked for in")

func TestFirstRedemptionWinsAcrossProcessesThatAreKilled(t *testing.T) {
	storesuite.SkipUnlessLong(t)
	const offers, lanes = 20, 64
	pg := postgres.Server(t)
	// A connection costs the server 40 ms of a processor, and a crash breaks them all: six for each of the programs.
	database := strings.Replace(database(t), "pool_max_conns=20", "pool_max_conns=6", 1)
	st, err := pgstore.Open(t.Context(), database)
	require.NoError(t, err)
	defer st.Close()
	server, err := newServer(st)
	require.NoError(t, err)
	_, err = server.AddCampaign(t.Context(), merchant, wire.Campaign{ID: "c", Title: "C"})
	require.NoError(t, err)
	var backends []*process
	for range 2 {
		p := &process{t: t, database: database, address: "127.0.0.1:0"}
		p.start()
		t.Cleanup(p.kill)
		backends = append(backends, p)
	}
	addresses := []string{backends[0].address, backends[1].address}

	for round := range *rounds {
		ids := acceptedOffers(t, server, offers)
		var all []*lane
		for i := range lanes {
			all = append(all, newLane(t, server, ids, i))
		}
		history, refused := reportAll(all, addresses, backends[0].kill, func() {
			backends[0].start()
			pg.Crash()
			pg.Start()
			backends[1].kill()
			backends[1].start()
		})
		t.Logf("round %d: %d reports were answered, %d tries were not", round+1, lanes, refused)
		assert.Positive(t, refused, "the kills and the crash met reports")
		require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(one, history, time.Minute))
		for _, l := range all { // no acknowledged record is lost: the same report has the same verdicts
			before := l.answer
			require.NoError(t, l.try(http.DefaultClient, addresses[round%2]))
			require.Equal(t, before, l.answer)
		}
	}
}

// reportAll has each lane report until it is answered. After a quarter of them was, the backend at the first address is
// killed, and trouble goes on when a try was refused: the first lane begins there when it is dead. An operation lasts
// from the first try to the answer.
func reportAll(all []*lane, addresses []string, kill, trouble func()) (history []porcupine.Operation, refused int) {
	var mu sync.Mutex
	var group sync.WaitGroup
	start := time.Now()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	begin, dead, met := make(chan struct{}), make(chan struct{}), make(chan struct{})
	group.Go(func() {
		<-begin
		kill()
		close(dead)
		<-met
		trouble()
	})
	var once, firstRefused sync.Once
	for i, l := range all {
		group.Go(func() {
			if i == 0 {
				<-dead
			}
			call := time.Since(start).Nanoseconds()
			for try := i; ; try++ {
				if err := l.try(client, addresses[try%len(addresses)]); err == nil {
					break
				}
				mu.Lock()
				refused++
				mu.Unlock()
				firstRefused.Do(func() { close(met) })
				time.Sleep(rand.N(50 * time.Millisecond)) // a real network, not a bubble: the next try comes a little later
			}
			back := time.Since(start).Nanoseconds()
			mu.Lock()
			defer mu.Unlock()
			history = append(history, l.operations(i, call, back)...)
			if len(history) >= len(all)*len(l.records)/8 {
				once.Do(func() { close(begin) })
			}
		})
	}
	group.Wait()
	return history, refused
}

// forgetful is a store that loses what an offer's row says of its uses, so that the backend books twice.
type forgetful struct{ store.Store }

func (f forgetful) Update(ctx context.Context, fn func(store.Tx) error) error {
	return f.Store.Update(ctx, func(tx store.Tx) error { return fn(forgetfulTx{tx}) })
}

type forgetfulTx struct{ store.Tx }

func (forgetfulTx) PutOffers([]store.Offer) error { return nil }

func TestABackendThatBooksTwiceIsCaught(t *testing.T) {
	for name, c := range map[string]struct {
		store store.Store
		want  porcupine.CheckResult
	}{"honest": {memstore.New(), porcupine.Ok}, "forgetful": {forgetful{memstore.New()}, porcupine.Illegal}} {
		server, err := newServer(c.store)
		require.NoError(t, err)
		_, err = server.AddCampaign(t.Context(), merchant, wire.Campaign{ID: "c", Title: "C"})
		require.NoError(t, err)
		ids := acceptedOffers(t, server, 3)
		var history []porcupine.Operation
		for i := range 4 {
			l := newLane(t, server, ids, i)
			var answer wire.Answer
			require.NoError(t, send(server, wire.PathReports, l.token, wire.FromReport(l.report), &answer))
			l.answer = answer.Items
			history = append(history, l.operations(i, int64(2*i), int64(2*i+1))...)
		}
		assert.Equal(t, c.want, porcupine.CheckOperationsTimeout(one, history, time.Minute), name)
	}
}
