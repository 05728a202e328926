package local

import (
	_ "embed" // for openapi.yaml
	"net/http"
	"time"
)

//go:embed openapi.yaml
var document []byte

// OpenAPI returns the contract: an OpenAPI 3.1 document in YAML.
func OpenAPI() []byte { return append([]byte(nil), document...) }

func getDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml") // RFC 9512
	_, _ = w.Write(document)
}

// age is how long ago a moment is, in seconds; 0 where there is none.
func age(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return max(0, time.Since(at).Seconds())
}
