package hub_test

import (
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A hub that was put back from a backup knows that the other one went on.
func TestARestoredHubBeginsANewEpoch(t *testing.T) {
	s := newShop(t, 2, nil)
	clients := s.connect()
	require.Equal(t, record.ClaimGranted, claimed(t, clients[0], request("a", "before")).Result)
	clients[0].Tell(s.lanes[0].write(record.Redemption, "a", "before", record.ID{}))
	backup := filepath.Join(t.TempDir(), "backup")
	require.NoError(t, s.server.Backup(t.Context(), backup), "while the hub works")
	assert.ErrorIs(t, s.server.Backup(t.Context(), backup), fault.Conflict, "another backup stands there")
	require.Equal(t, record.ClaimGranted, claimed(t, clients[0], request("b", "after")).Result)
	clients[0].Tell(s.lanes[0].write(record.Redemption, "b", "after", record.ID{}))

	for range 2 { // the one that was restored goes on in its epoch
		require.NoError(t, s.server.Close())
		s.dir = backup
		s.open(s.address)
		await(t, "all lanes are there", func() bool { return clients[0].Status().Ready && clients[1].Status().Ready })
		assert.Equal(t, uint64(2), s.server.Status().Epoch)
		for _, pass := range []string{"before", "after"} {
			assert.Equal(t, record.ClaimTaken, claimed(t, clients[1], request("c", pass)).Result, pass)
		}
	}
	results := s.server.Status().Results
	assert.Equal(t, uint64(2), results[record.ClaimTaken], "%v", results)
	assert.Zero(t, results[record.ClaimGranted], "%v", results)
}

// What a lane asks while the hub closes is answered.
func TestAHubThatClosesAnswersWhatWasAsked(t *testing.T) {
	var holds atomic.Bool
	entered, release := make(chan struct{}), make(chan struct{})
	s := newShop(t, 1, func(c *hub.Config) {
		lanes := c.Lanes
		c.Lanes = func() []record.HubPeer {
			if holds.CompareAndSwap(true, false) {
				close(entered)
				<-release
			}
			return lanes()
		}
	})
	s.server.SetGrace(2 * waitLong)
	session := s.hello(s.lanes[0])
	conn := s.dial(s.lanes[0])
	defer conn.Close()
	s.exchange(conn, "/v1/none", "{}") // the hub has looked at the lane's key
	holds.Store(true)
	var both sync.WaitGroup
	var answer string
	both.Go(func() {
		_, answer = s.exchange(conn, "/v1/facts", fmt.Sprintf(`{"session":%d,"chain":"%s"}`, session, name))
	})
	<-entered
	both.Go(func() { assert.NoError(t, s.server.Close(), "it closes") })
	await(t, "nobody can connect any more", func() bool {
		conn, err := net.Dial("tcp", s.address)
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	close(release)
	both.Wait()
	assert.Contains(t, answer, `"epoch":1`)
}
