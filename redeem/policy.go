package redeem

import "time"

// A Policy says what a terminal may do alone. The zero value asks a manager wherever the terminal cannot be sure.
type Policy struct {
	// MaxAlone is how long the machine's wall clock is believed after the last signed server time; 0: 7 days. A negative value
	// believes it always, for machines whose clock the vendor vouches for by other means.
	MaxAlone time.Duration `json:"maxAlone,omitempty"`
	// Unattended refuses whatever would otherwise be asked: nobody stands at the terminal.
	Unattended bool `json:"unattended,omitempty"`
	// MaxBundleAge is how old the trust bundle may be before a manager is asked; 0: any age.
	MaxBundleAge time.Duration `json:"maxBundleAge,omitempty"`
}
