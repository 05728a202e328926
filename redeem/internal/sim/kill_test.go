package sim

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

var (
	rounds = flag.Int("rounds", 4, "how often the till is killed")
	seed   = flag.Uint64("seed", 0, "what is random comes from here; 0: the clock")
	// Under an emulator a till needs longer than that from its start to its first report: none is then killed in one.
	patience = flag.Duration("patience", 100*time.Millisecond, "how long a round waits for the till's report")
)

// A till is killed again and again in the middle of redeeming and reporting, its network cut at random. What it
// acknowledged is afterwards booked in the backend, once, and nothing else than what it was told is booked at all.
func TestKilledTillsLoseNothingAndCountNothingTwice(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for range *rounds {
		s.round()
	}
	s.line.Mend()
	s.finish()
	s.compareBooks()
}

// A scene is a backend, a cable and the folder of a till, with what the test knows of them.
type scene struct {
	*testing.T
	random *rand.Rand
	store  store.Store
	line   *transporttest.Line
	phone  *http.Client
	url    string
	dir    string
	code   string

	told   map[string]string    // sale to scanned text: everything that a till was ever told
	open   []string             // sales without an answer; a POS asks again
	acks   map[string]record.ID // sale to redemption: everything that was acknowledged
	strike strike

	killed, inReport, cuts int
}

func newScene(t *testing.T) *scene {
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d, %d rounds", n, *rounds)
	s := &scene{T: t, random: rand.New(rand.NewPCG(n, n)), dir: vfstest.Folder(t), told: map[string]string{},
		acks: map[string]record.ID{}}
	st, err := boltstore.Open(t.Context(), filepath.Join(vfstest.Folder(t), "backend.db"))
	require.NoError(t, err)
	t.Cleanup(func() { st.Close() })
	s.store = st
	server, err := backend.New(t.Context(), backend.Config{
		Store: st, Merchants: []backend.Merchant{{Name: "m-1", Key: managementKey}}, Limits: backend.Limits{PerSecond: -1,
			AcceptBurst: -1},
	})
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	front := httptest.NewServer(s.strike.around(server))
	t.Cleanup(front.Close)
	s.url = front.URL
	s.line, err = transporttest.NewLine(strings.TrimPrefix(front.URL, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { s.line.Close() })
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	s.phone = &http.Client{Jar: jar}
	s.manage(server.Management())
	return s
}

const managementKey = "a management key"

// manage creates the campaign and the enrolment code.
func (s *scene) manage(management http.Handler) {
	ask := func(path string, question, answer any) {
		body, err := json.Marshal(question)
		require.NoError(s, err)
		request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
		request.Header.Set("Content-Type", wire.RequestType)
		request.Header.Set("Authorization", "Bearer "+managementKey)
		response := httptest.NewRecorder()
		management.ServeHTTP(response, request)
		require.Equal(s, http.StatusCreated, response.Code, response.Body)
		require.NoError(s, json.Unmarshal(response.Body.Bytes(), answer))
	}
	ask(wire.PathCampaigns, wire.Campaign{ID: "spring", Title: "Spring"}, &wire.Campaign{})
	var code wire.Code
	ask(wire.PathCodes, wire.NewCode{Store: "s-1"}, &code)
	s.code = code.Code
}

// accept gets a pass as a phone does.
func (s *scene) accept() string {
	body, err := json.Marshal(wire.Accept{Campaign: "spring"})
	require.NoError(s, err)
	response, err := s.phone.Post(s.url+wire.PathDeviceOffers, wire.RequestType, bytes.NewReader(body))
	require.NoError(s, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(s, err)
	require.Equal(s, http.StatusCreated, response.StatusCode, string(answer))
	var accepted wire.DeviceOffer
	require.NoError(s, json.Unmarshal(answer, &accepted))
	return accepted.Pass
}

// A tillProcess is the till in a process of its own.
type tillProcess struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func (s *scene) start() *tillProcess {
	options, err := json.Marshal(map[string]string{"Dir": s.dir, "URL": s.line.URL(), "Code": s.code})
	require.NoError(s, err)
	self, err := os.Executable()
	require.NoError(s, err)
	command := append(strings.Fields(os.Getenv("OFFLANE_EXEC")), self)
	p := &tillProcess{cmd: exec.CommandContext(context.Background(), command[0], command[1:]...)}
	p.cmd.Env = append(os.Environ(), tillOptions+"="+string(options))
	p.cmd.Stderr = os.Stderr
	p.in, err = p.cmd.StdinPipe()
	require.NoError(s, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(s, err)
	p.out = bufio.NewScanner(out)
	require.NoError(s, p.cmd.Start())
	return p
}

// round starts the till, gives it orders, fails the network at random, and kills it: after some of its
// acknowledgements, or in the middle of a report, before or after the backend committed it.
func (s *scene) round() {
	for range s.random.IntN(12) {
		sale := fmt.Sprintf("sale %d", len(s.told))
		s.told[sale] = s.accept()
		s.open = append(s.open, sale)
	}
	p := s.start()
	inReport := s.random.IntN(3) > 0
	if inReport {
		s.strike.arm(p.cmd.Process, s.random.IntN(2) == 0)
	}
	enough := s.random.IntN(len(s.open) + 1)
	go s.dictate(p, s.open)
	for i := 0; i < enough && p.out.Scan(); i++ {
		s.take(p.out.Bytes())
		if s.random.IntN(4) == 0 {
			s.jolt()
		}
	}
	if inReport {
		s.inReport += s.strike.wait(*patience) // a till without network or news does not report
	}
	s.strike.arm(nil, false)
	p.cmd.Process.Kill() // its error is that it is dead already
	for p.out.Scan() {   // what it said before it died counts
		s.take(p.out.Bytes())
	}
	p.cmd.Wait()
	s.killed++
	s.forgetAnswered()
}

// dictate writes orders until the till is gone.
func (s *scene) dictate(p *tillProcess, sales []string) {
	encoder := json.NewEncoder(p.in)
	for _, sale := range sales {
		if encoder.Encode(order{Sale: sale, Scanned: s.told[sale]}) != nil {
			return
		}
	}
}

// take notes an acknowledgement. The same sale is always answered with the same redemption.
func (s *scene) take(line []byte) {
	var a ack
	if json.Unmarshal(line, &a) != nil || a.Sale == "" {
		return // a line that the kill cut off was not an answer yet
	}
	if a.Outcome != redeem.Allow {
		return // before its first contact the till asks a manager: it knows neither issuer nor time
	}
	if before, ok := s.acks[a.Sale]; ok {
		assert.Equal(s, before, a.Record, "sale %s was answered with two redemptions", a.Sale)
	}
	s.acks[a.Sale] = a.Record
}

func (s *scene) jolt() {
	if s.random.IntN(2) == 0 {
		s.cuts++
		s.line.Cut()
	} else {
		s.line.Mend()
	}
}

// forgetAnswered keeps the sales that a POS would ask for again, and now and then one that it got an answer for and
// lost itself.
func (s *scene) forgetAnswered() {
	var open []string
	for _, sale := range s.open {
		if _, ok := s.acks[sale]; !ok || s.random.IntN(5) == 0 {
			open = append(open, sale)
		}
	}
	s.open = open
}

// finish lets the till end in peace: every sale that is open is answered and everything reported.
func (s *scene) finish() {
	p := s.start()
	encoder := json.NewEncoder(p.in)
	require.NoError(s, encoder.Encode(order{}))
	require.True(s, p.out.Scan(), "the till could not report")
	for _, sale := range s.open {
		require.NoError(s, encoder.Encode(order{Sale: sale, Scanned: s.told[sale]}))
		require.True(s, p.out.Scan(), "the till answers")
		s.take(p.out.Bytes())
	}
	require.NoError(s, encoder.Encode(order{}))
	require.True(s, p.out.Scan(), "the till could not report")
	require.NoError(s, p.in.Close())
	require.NoError(s, p.cmd.Wait())
}

// compareBooks holds what was acknowledged against what the backend booked, record by record.
func (s *scene) compareBooks() {
	s.Logf("%d kills, %d of them in a report, %d cuts, %d sales, %d acknowledged", s.killed, s.inReport, s.cuts,
		len(s.told), len(s.acks))
	require.Equal(s, len(s.told), len(s.acks), "every sale was answered in the end")
	err := s.store.View(context.Background(), func(tx store.Tx) error {
		for sale, id := range s.acks {
			entries, err := tx.Entries([]record.ID{id})
			require.NoError(s, err)
			require.Len(s, entries, 1, "%s was acknowledged and is not in the books", sale)
			assert.Equal(s, record.Confirmed, entries[0].Verdict.Status, sale)
			presented, err := offer.Parse(s.told[sale])
			require.NoError(s, err)
			offers, err := tx.Offers([]offer.ID{presented.ID}, nil)
			require.NoError(s, err)
			require.Len(s, offers, 1)
			require.Len(s, offers[0].Uses, 1, "%s is booked once", sale)
			assert.Equal(s, id, offers[0].Uses[0].Record)
		}
		return nil
	})
	require.NoError(s, err)
}
