package gs1_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
)

func TestCompressedLinksSayWhatTheOthersDo(t *testing.T) {
	file, err := os.Open("testdata/compressed-links.txt")
	require.NoError(t, err)
	defer file.Close()
	read := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "#":
			continue
		case "no":
			_, err := gs1.ParseLink(words[1])
			assert.Error(t, err, lines.Text())
			continue
		}
		if len(words) != 2 {
			continue // the comment goes on
		}
		plain, err := gs1.ParseLink(words[0])
		require.NoError(t, err)
		compressed, err := gs1.ParseLink(words[1])
		require.NoError(t, err, words[1])
		assert.ElementsMatch(t, plain.Elements, compressed.Elements, words[1])
		assert.Equal(t, plain.Elements[0], compressed.Elements[0], "the primary key comes first: %s", words[1])
		assert.Equal(t, plain.Parameters, compressed.Parameters, words[1])
		assert.Equal(t, plain.Stem, compressed.Stem, words[1])
		read++
	}
	assert.Greater(t, read, 50, "the file was read")
}

func TestCompressedCouponsAreRead(t *testing.T) {
	for uri, want := range map[string]string{
		"https://id.gs1.org/JVUqG5hJ5wA":                 "(255)5678409730535",
		"https://example.com/shop/JVUqG5hJ5wA?17=261231": "(255)5678409730535(17)261231",
		"https://example.com/JVUqG5hJ5wA?EXP=261231":     "(255)5678409730535(17)261231",
	} {
		elements, err := gs1.Parse(uri)
		require.NoError(t, err, uri)
		assert.Equal(t, want, elements.String(), uri)
	}
	for name, uri := range map[string]string{
		"a word":                           "https://example.com/about",
		"cut off":                          "https://id.gs1.org/JVUqG5hJ5",
		"bits left over":                   "https://id.gs1.org/JVUqG5hJ5wB",
		"a wrong check digit":              "https://id.gs1.org/JVUqG5hJ5QA",
		"an AI twice":                      "https://id.gs1.org/255/5678409730535/JVUqG5hJ5wA",
		"an earlier word with another day": "https://example.com/JVUqG5hJ5wA?17=261231&exp=261230",
	} {
		_, err := gs1.Parse(uri)
		assert.Error(t, err, name)
	}
}

func TestEarlierWordsAreRead(t *testing.T) {
	for uri, want := range map[string]string{
		"https://example.com/gcn/4012345000009123?exp=261231":     "(255)4012345000009123(17)261231",
		"https://example.com/GCN/4012345000009123?Exp=261231&x=1": "(255)4012345000009123(17)261231",
		"https://example.com/Gtin/09521234543213/LOT/A/Ser/B" +
			"?expdt=2612312359": "(01)09521234543213(10)A(21)B(7003)2612312359",
		"https://example.com/payTo/4012345000009/refNo/A": "(415)4012345000009(8020)A",
	} {
		link, err := gs1.ParseLink(uri)
		require.NoError(t, err, uri)
		assert.Equal(t, want, link.Elements.String())
	}
	_, err := gs1.ParseLink("https://example.com/gcn/4012345000009123?exp=never")
	assert.Error(t, err, "a last day that cannot be read is not passed over")
}

func TestAIsThatAreNotAssigned(t *testing.T) {
	for text, ai := range map[string]string{
		"891234": "89", "(89)1234": "89", "(01)09521234543213(3338)000100": "3338", "0109521234543213" + "3338000100": "3338",
		"https://example.com/01/09521234543213?89=A": "89", "https://example.com/01/09521234543213?3338=000100": "3338",
	} {
		_, err := gs1.Parse(text)
		var fault *gs1.Error
		require.ErrorAs(t, err, &fault, text)
		assert.Equal(t, ai, fault.AI, "it is refused by name: %s", err)
	}
	keep := gs1.Options{KeepUnassigned: true}
	for text, want := range map[string]string{
		"891234":                     "(89)1234",
		"89AB\x1d10C":                "(89)AB(10)C",
		"(89)AB(10)C":                "(89)AB(10)C",
		"333800010010C":              "(3338)000100(10)C",
		"(3338)1":                    "(3338)1",
		"0412345678901234" + "5610C": "(04)1234567890123456(10)C",
		"https://example.com/01/09521234543213?89=A&3338=000100": "(01)09521234543213(89)A(3338)000100",
	} {
		elements, err := keep.Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, elements.String(), text)
	}
	for _, text := range []string{"(8)1", "(89)", "(89)\x01", "89" + strings.Repeat("A", 91), "9", "0109521234543214"} {
		_, err := keep.Parse(text)
		assert.Error(t, err, text)
	}
	assert.NoError(t, gs1.Elements{{AI: "89", Value: "A"}, {AI: "89", Value: "A"}}.Check(), "twice the same")
	assert.Error(t, gs1.Elements{{AI: "89", Value: "A"}, {AI: "89", Value: "B"}}.Check(), "twice with different values")
}

// FuzzCompressed holds that what a compressed link says can be written as one and says the same then.
func FuzzCompressed(f *testing.F) {
	for _, seed := range []string{"JVUqG5hJ5wA", "AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXgpNWCv1", "gBhbV6rzBENPmAGXPRfk",
		"JAaasHt_dNNt4ADESMALumsUfMAm34", "____", "01/05412345000013/EEarwSM"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		link, err := gs1.ParseLink("https://example.com/" + path)
		if err != nil {
			return
		}
		again, err := link.Elements.Link("https://example.com")
		if err != nil {
			return // the order of elements in a link that was not compressed may not be the one that is written
		}
		same, err := gs1.ParseLink(again)
		if err != nil || same.Elements.String() != inLinkOrder(link.Elements) {
			t.Fatalf("%q says %s, and that is %s: %v", path, link.Elements, same.Elements, err)
		}
	})
}

// inLinkOrder returns elements in the order in which they stand in a link.
func inLinkOrder(elements gs1.Elements) string {
	uri, err := elements.Link("https://example.com")
	if err != nil {
		return err.Error()
	}
	link, err := gs1.ParseLink(uri)
	if err != nil {
		return err.Error()
	}
	return link.Elements.String()
}
