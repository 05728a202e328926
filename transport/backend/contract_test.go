package backend

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// fill sets every field of a value, each to something else.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), n)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, n)
		fill(t, value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	default:
		require.Fail(t, "a kind that is not filled", "%s", v.Kind())
	}
}

// No field is lost between the contract and the rows.
func TestTheContractAndTheRowsSayTheSame(t *testing.T) {
	var campaign wire.Campaign
	var agreement store.Agreement
	n := 0
	fill(t, reflect.ValueOf(&campaign).Elem(), &n)
	fill(t, reflect.ValueOf(&agreement).Elem(), &n)
	assert.Equal(t, campaign, wireCampaign(campaignRow(&campaign)), "a campaign that is stored and listed")
	told, err := json.Marshal(wireAgreement(agreement))
	require.NoError(t, err)
	kept, err := json.Marshal(agreement)
	require.NoError(t, err)
	assert.JSONEq(t, string(kept), string(told), "an agreement that is listed")
	want := wireAgreement(agreement).NewAgreement
	proposed := agreementRow(&want)
	agreement.ID, agreement.ProposedBy, agreement.EndedBy, agreement.State = "", "", "", rules.AgreementProposed
	agreement.Proposed, agreement.Accepted, agreement.Ended, agreement.Stopped = 0, 0, 0, 0
	assert.Equal(t, agreement, proposed, "one that is proposed")
}
