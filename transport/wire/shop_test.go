package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

func TestAShopIsOneThatCustomersCanRead(t *testing.T) {
	for _, s := range []wire.Shop{{}, {Name: "Bäckerei am Eck"}, {Color: "#0b5c4a"}, {Color: "#000000"},
		{Color: "#767676"}} {
		assert.NoError(t, s.Check(), "%+v", s)
	}
	for field, all := range map[string][]wire.Shop{
		"name": {{Name: " "}, {Name: "a\nb"}, {Name: strings.Repeat("x", 65)}},
		"color": {{Color: "red"}, {Color: "#fff"}, {Color: "#0b5c4g"}, {Color: "0b5c4a0"}, {Color: "#777777"},
			{Color: "#ffffff"}},
	} {
		for _, s := range all {
			err := s.Check()
			assert.ErrorIs(t, err, fault.InvalidRequest, "%+v", s)
			assert.ErrorContains(t, err, field+": ", "%+v", s)
		}
	}
}
