package offer_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
)

const interop = "testdata/interop"

// anotherImplementation runs a request through the COSE implementation in interop's folder.
func anotherImplementation(t *testing.T, request, answer any) {
	t.Helper()
	input, err := json.Marshal(request)
	require.NoError(t, err)
	node := exec.Command("node", "pass.mjs")
	node.Dir, node.Stdin = interop, bytes.NewReader(input)
	var stderr bytes.Buffer
	node.Stderr = &stderr
	output, err := node.Output()
	require.NoError(t, err, stderr.String())
	require.NoError(t, json.Unmarshal(output, answer))
}

func needNode(t *testing.T) {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") == "true" {
		missing = t.Fatalf
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing("passes were not tried with another COSE implementation: node is not installed")
	}
	if _, err := os.Stat(filepath.Join(interop, "node_modules")); err != nil {
		missing("passes were not tried with another COSE implementation: run npm install in redeem/offer/%s first", interop)
	}
}

// jwk is a key as RFC 8037 writes it.
func jwk(key ed25519.PrivateKey, private bool) map[string]string {
	encode := base64.RawURLEncoding.EncodeToString
	k := map[string]string{"kty": "OKP", "crv": "Ed25519", "x": encode(key.Public().(ed25519.PublicKey))}
	if private {
		k["d"] = encode(key.Seed())
	}
	return k
}

func TestPassesGoBothWaysWithAnotherImplementation(t *testing.T) {
	needNode(t)
	for name, pass := range map[string]offer.Pass{"short": barePass(), "full": samplePass(),
		"over 255 bytes": longPass()} {
		t.Run("ours verifies there: "+name, func(t *testing.T) {
			data, err := offer.DecodeBase45(issue(t, house, pass)[len("OL1:"):])
			require.NoError(t, err)
			var answer struct {
				Issuer, ID, KeyID string
				Version, Type     int
			}
			anotherImplementation(t, map[string]any{"verify": hex.EncodeToString(data), "key": jwk(house.Private, false)},
				&answer)
			assert.Equal(t, house.Name, answer.Issuer)
			assert.Equal(t, house.KeyID, answer.KeyID)
			assert.Equal(t, hex.EncodeToString(sample[:]), answer.ID)
			assert.Equal(t, 1, answer.Version)
			assert.Equal(t, 61, answer.Type)
		})
	}
	t.Run("theirs verifies here", func(t *testing.T) {
		var answer struct{ Pass string }
		anotherImplementation(t, map[string]any{"key": jwk(house.Private, true), "sign": map[string]any{
			"issuer": house.Name, "keyID": house.KeyID, "id": hex.EncodeToString(sample[:]),
			"issuedAt": issued.Unix(), "notAfter": issued.AddDate(0, 1, 0).Unix(),
		}}, &answer)
		data, err := hex.DecodeString(answer.Pass)
		require.NoError(t, err)
		presented, err := offer.Parse("OL1:" + offer.EncodeBase45(data))
		require.NoError(t, err)
		assert.NoError(t, presented.Verify(keysOf(t, house.Key())))
		assert.Equal(t, sample, presented.ID)
		assert.Equal(t, issue(t, house, barePass()), "OL1:"+offer.EncodeBase45(data), "both make the same bytes")
	})
}
