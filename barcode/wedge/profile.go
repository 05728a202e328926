package wedge

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// profileVersion is the version of the profile's form.
const profileVersion = 1

// A Profile says what one scanner and the keyboard layout of one computer do to text, as the self-test showed. It is
// kept as JSON. The zero value is none: then everything is recognised from each text.
type Profile struct {
	// Version is the version of the form, 1; 0: this is no profile.
	Version int `json:"version"`
	// Scanner is the layout that the scanner believes in, Keyboard the one that the computer is set to. Equal: nothing
	// is changed.
	Scanner  Layout `json:"scanner,omitempty"`
	Keyboard Layout `json:"keyboard,omitempty"`
	// CapsLock says that caps lock was on in the self-test. It is tried first; a text that came with caps lock the
	// other way is still recognised.
	CapsLock bool `json:"capsLock,omitempty"`
	// Identifier says that the scanner puts a symbology identifier before each text.
	Identifier bool `json:"identifier,omitempty"`
	// Prefix and Suffix are what the scanner puts around each text, as they arrive, the terminator included.
	Prefix string `json:"prefix,omitempty"`
	Suffix string `json:"suffix,omitempty"`
	// Separator is what the scanner sends for a group separator. LostSeparator says that nothing arrives of it; set the
	// scanner to send a substitute, since a text that lost them can mean several things.
	Separator     string `json:"separator,omitempty"`
	LostSeparator bool   `json:"lostSeparator,omitempty"`
	// Characters holds for a layout that is not known by name what each character that arrives was.
	Characters map[string]string `json:"characters,omitempty"`
}

// errProfile is the error of a profile that cannot be used.
var errProfile = errors.New("wedge: this is no profile that can be used: run the self-test again")

// MarshalProfile returns the profile as JSON, to be kept.
func MarshalProfile(p Profile) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(p, "", "  ")
	return append(data, '\n'), err
}

// maxProfile is the greatest length of a profile in bytes.
const maxProfile = 1 << 16

// UnmarshalProfile reads what MarshalProfile wrote. It fails for a profile that cannot be used.
func UnmarshalProfile(data []byte) (Profile, error) {
	var p Profile
	if len(data) > maxProfile {
		return Profile{}, fmt.Errorf("%w: it has %d bytes", errProfile, len(data))
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return Profile{}, fmt.Errorf("%w: %w", errProfile, err)
	}
	return p, p.check()
}

// check returns nil for a profile that can be used, else errProfile.
func (p Profile) check() error {
	switch {
	case p.Version != profileVersion:
		return fmt.Errorf("%w: it is of version %d, this program reads %d", errProfile, p.Version, profileVersion)
	case p.Characters == nil && (findLayout(p.Scanner) == nil || findLayout(p.Keyboard) == nil):
		return fmt.Errorf("%w: the layouts %q and %q are not both known", errProfile, p.Scanner, p.Keyboard)
	}
	for arrived, sent := range p.Characters {
		if utf8.RuneCountInString(arrived) != 1 || utf8.RuneCountInString(sent) != 1 {
			return fmt.Errorf("%w: %q for %q are not characters", errProfile, arrived, sent)
		}
	}
	return nil
}

// separates reports whether the self-test showed that group separators arrive.
func (p Profile) separates() bool { return p.Separator != "" && !p.LostSeparator }

// isZero reports whether there is no profile.
func (p Profile) isZero() bool { return p.Version == 0 }
