package backend

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAThrottleFillsUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newThrottle(2, 3)
		for range 3 {
			assert.Zero(t, b.take("a", 1))
		}
		assert.Equal(t, time.Second/2, b.take("a", 1))
		assert.Equal(t, time.Second/2, b.take("a", 0), "looking takes nothing")
		assert.Zero(t, b.take("b", 1), "another name's is full")
		time.Sleep(time.Second / 2)
		assert.Zero(t, b.take("a", 0))
		assert.Zero(t, b.take("a", 1))
		time.Sleep(time.Hour)
		for range 3 {
			assert.Zero(t, b.take("a", 1), "never more than the burst")
		}
		assert.NotZero(t, b.take("a", 1))
		for range 1000 {
			assert.Zero(t, newThrottle(-1, 1).take("a", 1), "no bound")
		}
	})
}

// What comes from an attacker's many addresses is forgotten again; whoever is heard of meanwhile is not.
func TestAThrottlesMemoryIsBounded(t *testing.T) {
	b := newThrottle(0.001, 1)
	assert.Zero(t, b.take("known", 1))
	for i := range 10 * maxBuckets {
		b.take(fmt.Sprint(i), 1)
		if i%maxBuckets == 0 {
			assert.NotZero(t, b.take("known", 1), "it was asked for meanwhile, and is empty as before")
		}
	}
	assert.LessOrEqual(t, len(b.buckets.young)+len(b.buckets.old), 2*maxBuckets)
	assert.Zero(t, b.take("0", 1), "it was forgotten")
}

func TestSecretsAreRecognised(t *testing.T) {
	s, other := secrets{make([]byte, 32)}, secrets{[]byte("another key of thirty-two bytes.")}
	secret := s.make(ofDevice)
	assert.True(t, s.verify(ofDevice, secret), "its own")
	assert.False(t, s.verify(ofTerminal, secret), "a device's secret is no token")
	assert.False(t, other.verify(ofDevice, secret), "another server's")
	assert.NotEqual(t, secret, s.make(ofDevice), "each is random")
	for _, planted := range []string{"", "x", secret[:len(secret)-1], secret + "x", "A" + secret[1:],
		secret[:len(secret)-1] + "!"} {
		assert.Equal(t, planted == secret, s.verify(ofDevice, planted), "%q", planted)
	}
}
