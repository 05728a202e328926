package hub

import _ "embed" // for openapi.yaml

//go:embed openapi.yaml
var document []byte

// OpenAPI returns the contract between lanes and hub: an OpenAPI 3.1 document in YAML.
func OpenAPI() []byte { return append([]byte(nil), document...) }
