package memstore

import "github.com/offlane/offlane/transport/backend/internal/keystore"

// NewKeys returns an empty memory as the key-value database that it is.
func NewKeys() keystore.Keys { return newMemory() }
