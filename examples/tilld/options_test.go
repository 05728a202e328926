package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var testLog = slog.New(slog.DiscardHandler)

func TestAFlagComesBeforeTheEnvironmentAndThatBeforeTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tilld.json")
	text := `{"dir":"f-dir","lane":"f-lane","store":"f-store","manual":true,"policy":{"maxUses":3}}`
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	t.Setenv("OFFLANE_TILLD_CONFIG", file)
	t.Setenv("OFFLANE_TILLD_LANE", "e-lane")
	t.Setenv("OFFLANE_TILLD_STORE", "e-store")
	o, err := readOptions([]string{"-store", "a-store"}, os.Stderr)
	require.NoError(t, err)
	assert.Equal(t, "f-dir", o.Dir)
	assert.Equal(t, "e-lane", o.Lane)
	assert.Equal(t, "a-store", o.Store)
	assert.True(t, o.Manual, "the file says so")
	assert.JSONEq(t, `{"maxUses":3}`, string(o.Policy))
	assert.Equal(t, filepath.Join("f-dir", "tilld.sock"), o.Socket)
	o, err = readOptions([]string{"-manual=false"}, os.Stderr)
	require.NoError(t, err)
	assert.False(t, o.Manual, "a flag takes it back")
}

func TestWhatTheDaemonCannotDoIsSaid(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		return name
	}
	shared := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(shared, "token"), []byte(newToken()), 0o644))
	short := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(short, "token"), []byte("secret"), 0o600))
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no folder":        {nil, 1, "-dir"},
		"an unknown flag":  {[]string{"-dir", "x", "-volume", "11"}, 2, "volume"},
		"more words":       {[]string{"-dir", "x", "now"}, 2, "now"},
		"no config":        {[]string{"-config", filepath.Join(dir, "none")}, 1, "none"},
		"a field":          {[]string{"-config", file("a", `{"dirr":"x"}`)}, 1, "dirr"},
		"a policy":         {[]string{"-dir", dir, "-config", file("b", `{"policy":{"maxUse":1}}`)}, 1, "policy"},
		"not loopback":     {[]string{"-dir", "x", "-listen", "0.0.0.0:1"}, 1, "loopback"},
		"a name":           {[]string{"-dir", "x", "-listen", "localhost:1"}, 1, "loopback"},
		"nothing":          {[]string{"-dir", "x", "-socket", "none"}, 1, "-listen"},
		"an origin":        {[]string{"-dir", "x", "-listen", "127.0.0.1:0", "-origins", "https://a/"}, 1, "https://a/"},
		"a page, no port":  {[]string{"-dir", "x", "-origins", "https://a"}, 1, "-listen"},
		"texts":            {[]string{"-dir", "x", "-texts", file("c", `{"de":{"texts":{"x":""}}}`)}, 1, "code"},
		"a zone":           {[]string{"-dir", "x", "-zone", "Mars/Olympus"}, 1, "Mars"},
		"not https":        {[]string{"-dir", dir, "-backend", "http://offers.example.com"}, 1, "https"},
		"a shared token":   {[]string{"-dir", shared, "-socket", "none", "-listen", "127.0.0.1:0"}, 1, "others can read it"},
		"a short token":    {[]string{"-dir", short, "-socket", "none", "-listen", "127.0.0.1:0"}, 1, "22 characters"},
		"a socket's place": {[]string{"-dir", t.TempDir(), "-socket", file("d", "mine")}, 1, "another kind"},
		"a long socket":    {[]string{"-dir", t.TempDir(), "-socket", strings.Repeat("x", 200)}, 1, "shorter"},
	} {
		var out bytes.Buffer
		assert.Equal(t, c.status, run(t.Context(), c.args, nil, &out, &out), name)
		assert.Contains(t, out.String(), c.says, name)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "d"))
	require.NoError(t, err)
	assert.Equal(t, "mine", string(kept), "nobody's file is removed")
}

func TestASocketThatWasLeftIsReplaced(t *testing.T) {
	dir := t.TempDir()
	first, err := listenSocket(filepath.Join(dir, "tilld.sock"))
	require.NoError(t, err)
	t.Cleanup(func() { first.Close() })
	d := start(t, dir)
	d.call(t, "status", object{})
}
