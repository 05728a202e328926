//go:build !nopictures

package main

import (
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/local/pictures"
)

// pictureCalls are the calls with pictures. A daemon that is built with the tag nopictures links no image code.
func pictureCalls() map[string]local.Call { return pictures.Calls() }
