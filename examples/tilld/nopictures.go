//go:build nopictures

package main

import "github.com/offlane/offlane/transport/local"

// pictureCalls are none.
func pictureCalls() map[string]local.Call { return map[string]local.Call{} }
