package command_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/examples/internal/command"
)

func TestTheCommandLineGoesBeforeTheEnvironment(t *testing.T) {
	t.Setenv("OFFLANE_TEST_LISTEN", "environment")
	for _, c := range []struct {
		args []string
		want string
	}{{nil, "environment"}, {[]string{"-listen", "flag"}, "flag"}} {
		flags := flag.NewFlagSet("test", flag.ContinueOnError)
		text := command.Text(flags, "OFFLANE_TEST_")
		var listen, other string
		text(&listen, "listen", "default", "")
		text(&other, "other", "default", "")
		require.NoError(t, flags.Parse(c.args))
		assert.Equal(t, c.want, listen, "with %q", c.args)
		assert.Equal(t, "default", other, "neither names it")
	}
}
