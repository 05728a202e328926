package wire

import "github.com/offlane/offlane/redeem/record"

// A NewBlock is the body of a PUT to PathBlock.
type NewBlock struct {
	// Blocked: the terminal refuses everything as soon as it hears of it; false: it works again.
	Blocked bool `json:"blocked"`
}

// A NewHubRole is the body of a PUT to PathHubRole.
type NewHubRole struct {
	// MayHost: the terminal may be the hub of its store. Where one may, trust bundles name all lanes of the store with
	// their keys.
	MayHost bool `json:"mayHost"`
	// OutOfService: the merchant vouches that the terminal holds no offer of which the hub was not told, so that nobody
	// waits for its word.
	OutOfService bool `json:"outOfService"`
}

// A NewKey is the body of POST /v1/management/keys: it asks for a management key.
type NewKey struct {
	// Name is what the merchant calls it, such as who has it: 1 to 64 bytes, no control characters, no blank at either
	// end.
	Name string `json:"name"`
}

// Check returns fault.InvalidRequest for a key that cannot be made.
func (n NewKey) Check() error { return checkName("name", n.Name) }

// A ManagementKey is a key of a merchant's, as it is listed.
type ManagementKey struct {
	// ID names the key in paths; it is no secret.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Key is the key itself. It is in the answer that makes it, and never again.
	Key string `json:"key,omitempty"`
	// Configured says that the backend was started with it.
	Configured bool `json:"configured,omitempty"`
	// Made is when it was made or first seen, Blocked when it was blocked (0: it is not), in milliseconds since 1970.
	Made    int64 `json:"made"`
	Blocked int64 `json:"blocked,omitempty"`
}

// ManagementKeys is the answer to GET /v1/management/keys.
type ManagementKeys struct {
	Keys []ManagementKey `json:"keys"`
}

// A FormerPlace is where a terminal stood until it moved.
type FormerPlace struct {
	Place record.Place `json:"place"`
	// Last is the number of its last record there.
	Last uint64 `json:"last"`
	// Moved is when it went, in milliseconds since 1970.
	Moved int64 `json:"moved"`
}
