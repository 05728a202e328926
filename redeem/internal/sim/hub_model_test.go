package sim

import (
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
)

// claimModel takes what may happen to an offer in an epoch, and nothing else.
func TestClaimModel(t *testing.T) {
	grant := func(sale string, attempt uint64) claimStep {
		return claimStep{kind: "grant", sale: sale, attempt: attempt}
	}
	end := func(sale string, attempt uint64) claimStep {
		return claimStep{kind: "end", sale: sale, attempt: attempt}
	}
	use := func(sale string) claimStep { return claimStep{kind: "use", sale: sale} }
	taken := func(sale string) claimStep { return claimStep{kind: "taken", sale: sale} }
	void := func(sale string) claimStep { return claimStep{kind: "void", sale: sale} }
	release := claimStep{kind: "release", sale: "a"}
	over := claimStep{kind: "grant", sale: "b", attempt: 2, over: true}
	for what, c := range map[string]struct {
		steps []claimStep
		want  bool
	}{
		"a sale":                        {[]claimStep{grant("a", 1), use("a"), taken("b")}, true},
		"granted twice":                 {[]claimStep{grant("a", 1), grant("b", 2)}, false},
		"granted after a use":           {[]claimStep{grant("a", 1), use("a"), grant("b", 2)}, false},
		"granted again to the same":     {[]claimStep{grant("a", 1), grant("a", 2), use("a"), grant("a", 3)}, true},
		"given up":                      {[]claimStep{grant("a", 1), end("a", 1), grant("b", 2)}, true},
		"an older attempt is given up":  {[]claimStep{grant("a", 1), grant("a", 2), end("a", 1), grant("b", 3)}, false},
		"a manager":                     {[]claimStep{grant("a", 1), over}, true},
		"two more after a manager":      {[]claimStep{grant("a", 1), over, grant("c", 3)}, false},
		"taken by nobody":               {[]claimStep{taken("b")}, false},
		"taken by itself":               {[]claimStep{grant("a", 1), use("a"), taken("a")}, false},
		"taken back":                    {[]claimStep{grant("a", 1), use("a"), void("a"), grant("b", 2)}, true},
		"not taken back yet":            {[]claimStep{grant("a", 1), use("a"), grant("b", 2), void("a")}, false},
		"taken back twice":              {[]claimStep{use("a"), void("a"), use("b"), void("a"), grant("c", 3)}, false},
		"another sale was taken back":   {[]claimStep{use("a"), void("b"), grant("c", 3)}, false},
		"taken, though taken back":      {[]claimStep{use("a"), void("a"), taken("b")}, false},
		"released":                      {[]claimStep{grant("a", 1), grant("a", 2), release, grant("b", 3)}, true},
		"not released yet":              {[]claimStep{grant("a", 1), grant("b", 2), release}, false},
		"used by a lane that was alone": {[]claimStep{grant("a", 1), use("b"), use("a"), taken("a")}, true},
	} {
		var history []porcupine.Operation
		for i, step := range c.steps {
			history = append(history, porcupine.Operation{ClientId: i, Input: step, Call: int64(2 * i), Return: int64(2*i + 1)})
		}
		assert.Equal(t, c.want, porcupine.CheckOperations(claimModel, history), what)
	}
	late := []porcupine.Operation{{ClientId: 0, Input: grant("a", 1), Call: 0, Return: 1},
		{ClientId: 0, Input: end("a", 1), Call: 2, Return: forever}, {ClientId: 1, Input: grant("b", 2), Call: 4, Return: 5}}
	assert.True(t, porcupine.CheckOperations(claimModel, late), "the hub hears of the end in time")
	late[1].Call = 6
	assert.False(t, porcupine.CheckOperations(claimModel, late), "the claim ended after it was granted to another sale")
}
