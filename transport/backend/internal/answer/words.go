package answer

import (
	"strings"

	"github.com/offlane/offlane/transport/backend/store"
)

// sentences are what the backend itself says in one language.
type sentences struct{ redeemed, redeemedAt, fresh string }

// spoken are the languages that the backend has sentences in.
var spoken = map[string]sentences{
	"en": {"Because you redeemed “%1”", "Because you redeemed “%1” at %2", "New"},
	"de": {"Weil du „%1“ eingelöst hast", "Weil du „%1“ bei %2 eingelöst hast", "Neu"},
	"fr": {"Parce que vous avez utilisé « %1 »", "Parce que vous avez utilisé « %1 » chez %2", "Nouveau"},
	"es": {"Porque canjeaste «%1»", "Porque canjeaste «%1» en %2", "Nuevo"},
}

// lookUp finds the best of some languages that there is (RFC 4647, section 3.4): a tag is shortened from its end until
// it is one that there is; "": none is.
func lookUp(languages []string, isThere func(tag string) bool) string {
	for _, tag := range languages {
		for tag != "" {
			if isThere(tag) {
				return tag
			}
			tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
		}
	}
	return ""
}

// pick is what there is in the best of some languages, else the first words, which are in a language of their own.
func pick(languages []string, first store.Words, of string, words map[string]store.Words) store.Words {
	tag := lookUp(languages, func(tag string) bool {
		_, ok := words[tag]
		return ok || tag == of
	})
	if found, ok := words[tag]; ok {
		return found
	}
	return first
}

// Words are a campaign's title and text in the best of some languages, which are BCP 47 tags in lower case.
func Words(of *store.Campaign, languages []string) store.Words {
	return pick(languages, store.Words{Title: of.Title, Text: of.Text}, of.Language, of.Words)
}

// adWords are those of an ad of a campaign.
func adWords(ad *store.Ad, of *store.Campaign, languages []string) store.Words {
	return pick(languages, store.Words{Title: ad.Title, Text: ad.Text}, of.Language, ad.Words)
}

// sentence says why a follow-up is shown: in the campaign's own words where it has them in a language that the customer
// reads no worse than one of the backend's.
func (c *choosing) sentence(f *followUp, m *Match) string {
	tag := lookUp(c.Languages, func(tag string) bool { return f.Reasons[tag] != "" || spoken[tag].fresh != "" })
	if own := f.Reasons[tag]; own != "" {
		return own
	}
	text := sentencesIn(tag).redeemed
	if m.Use.Place.Store != "" {
		text = sentencesIn(tag).redeemedAt
	}
	title := Words(c.campaigns[m.Offer.Campaign], c.Languages).Title
	return strings.NewReplacer("%1", title, "%2", m.Use.Place.Store).Replace(text)
}

// fresh says why a campaign stands under "New".
func (c *choosing) fresh() string {
	return sentencesIn(lookUp(c.Languages, func(tag string) bool { return spoken[tag].fresh != "" })).fresh
}

// sentencesIn are those in a language; of one that the backend does not speak, the English ones.
func sentencesIn(tag string) sentences {
	if found, ok := spoken[tag]; ok {
		return found
	}
	return spoken["en"]
}
