package house_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// The program of the README, as it stands there, redeems at its first start and with its network away, and what it
// redeemed is booked.
func TestTheReadmesProgramRedeems(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	dir := scratch(t, inReadme(t, "go", "package main")[0])
	run(t, dir, "go", "build", "-o", "till.exe", ".")
	server := transporttest.NewServer(t, transporttest.Options{})
	server.Campaign(t, wire.Campaign{
		ID: "coffee", Title: "A euro off", Terms: terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"},
	})
	passes, code := server.Accept(t, "coffee", 2), server.Code(t, "1", 1)
	sell := func(args ...string) (said, complained string) {
		cmd := exec.Command(filepath.Join(dir, "till.exe"), append([]string{"-url", server.URL}, args...)...)
		var out, err bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &err
		require.NoError(t, cmd.Run(), "%s%s", &out, &err)
		return out.String(), err.String()
	}
	const allowed = `^allow: 1\.00 EUR off, receipt \w{5}-\w{5}\n$`
	said, complained := sell("-code", code, "-scanned", passes[0])
	assert.Regexp(t, allowed, said)
	assert.Empty(t, complained)
	assert.Equal(t, 1, redeemed(t, server.URL, transporttest.ManagementKey), "it is booked when the program ends")
	again, _ := sell("-scanned", passes[0])
	assert.Equal(t, said, again, "the same sale is the same redemption")
	refused, _ := sell("-scanned", passes[0], "-sale", "another")
	assert.Contains(t, refused, "refuse: already-redeemed: ")

	server.Stop()
	offline, complained := sell("-scanned", passes[1], "-sale", "another")
	assert.Regexp(t, allowed, offline, "a network that is away stops no till")
	assert.Contains(t, complained, "not reported yet: ")
	require.NoError(t, server.Restart(transporttest.Change{}))
	again, _ = sell("-scanned", passes[1], "-sale", "another")
	assert.Equal(t, offline, again)
	assert.Equal(t, 2, redeemed(t, server.URL, transporttest.ManagementKey), "what was redeemed offline is reported later")
}

// The commands of the README, as they stand there, make a campaign, fetch a pass and redeem it, with nothing but the
// line that the backend prints.
func TestTheReadmesCommandsWork(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	for _, need := range []string{"sh", "curl", "grep", "tee"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("the README's commands need %s, which is not here", need)
		}
	}
	if help, _ := exec.Command("curl", "--help", "all").Output(); !bytes.Contains(help, []byte("--json")) {
		t.Skip("the README's commands need a curl that knows --json (7.82)")
	}
	dir := scratch(t, inReadme(t, "go", "package main")[0])
	settings := startBackend(t)
	script := commands(inReadme(t, "console", "$ curl")[0])
	require.Len(t, script, 4)
	cmd := exec.Command("sh", "-euc", settings+"\n"+strings.Join(script, "\n"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod -modcacherw -ldflags=-s", "GOWORK=off", "NO_PROXY=*", "no_proxy=*")
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	assert.Regexp(t, `(?m)^allow: 1\.00 EUR off, receipt \w{5}-\w{5}$`, string(out))
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var visit wire.Visit
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &visit), "%s", out)
	require.Len(t, visit.Matches, 1, "the device's identifier matches the redemption")
	assert.Equal(t, "coffee", visit.Matches[0].Campaign)
	assert.Equal(t, "7", visit.Matches[0].Place.Lane)
	setting := func(name string) string { return regexp.MustCompile(name + `=(\S+)`).FindStringSubmatch(settings)[1] }
	assert.Equal(t, 1, redeemed(t, setting("OFFLANE_MANAGEMENT_URL"), setting("OFFLANE_MANAGEMENT_KEY")))
}

// commands are the lines behind a prompt, with those that continue them.
func commands(block string) (found []string) {
	continued := false
	for line := range strings.Lines(block) {
		command, begins := strings.CutPrefix(line, "$ ")
		switch {
		case continued:
			found[len(found)-1] += line
		case begins:
			found = append(found, command)
		}
		continued = (begins || continued) && strings.HasSuffix(line, "\\\n")
	}
	return found
}

// startBackend runs examples/backend on loopback until the test ends, and returns the line that it prints for the
// shell.
func startBackend(t *testing.T) (settings string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "backend.exe")
	run(t, root, "go", "build", "-o", program, "./examples/backend")
	cmd := exec.Command(program, "-listen", "127.0.0.1:0", "-manage", "127.0.0.1:0")
	cmd.Dir = dir
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "OFFLANE_") {
			cmd.Env = append(cmd.Env, setting)
		}
	}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // its error is the kill itself
	})
	var printed strings.Builder
	line := regexp.MustCompile(`(?m)^  (export .*)\n`)
	for buffer := make([]byte, 4096); line.FindStringSubmatch(printed.String()) == nil; {
		n, err := out.Read(buffer)
		require.NoError(t, err, "it ended: %s", &printed)
		printed.Write(buffer[:n])
	}
	return line.FindStringSubmatch(printed.String())[1]
}

// redeemed is how many redemptions the merchant's figures count.
func redeemed(t *testing.T, url, key string) (n int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+wire.PathFigures, nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var figures struct {
		Figures []struct {
			Redeemed int `json:"redeemed"`
		} `json:"figures"`
	}
	require.NoError(t, json.Unmarshal(body, &figures), "%s", body)
	for _, f := range figures.Figures {
		n += f.Redeemed
	}
	return n
}
