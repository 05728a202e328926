package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The story starts its own program again as the till; in a test that program is the test's.
func TestMain(m *testing.M) {
	if options := os.Getenv(asChild); options != "" {
		exitOn(beChild(context.Background(), options))
		return
	}
	os.Exit(m.Run())
}

func TestTheStoryHoldsFromTheFirstStepToTheLast(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, tell(t.Context(), t.TempDir(), &teller{out: &out}))
	text := out.String()
	assert.Contains(t, text, "because:")
	assert.Contains(t, text, "The main job runs")
	assert.NotContains(t, text, "\x1b", "no colours where there is no terminal")
}
