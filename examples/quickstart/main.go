// Program quickstart shows Offlane's main job as one story on real code: a phone accepts offers from the reference
// backend, a till reads them from a camera's picture, redeems them with its network cut, is killed right after, comes
// back, reports, and the phone's next visit is answered because of it. It checks each step and exits with status 1
// where one fails. It listens on loopback only and needs nothing else.
package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if options := os.Getenv(asChild); options != "" {
		exitOn(beChild(context.Background(), options))
		return
	}
	dir, err := os.MkdirTemp("", "offlane-quickstart-")
	exitOn(err)
	err = tell(ctx, dir, newTeller(os.Stdout))
	os.RemoveAll(dir)
	exitOn(err)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}
