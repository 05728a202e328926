// Command size links what a till's program links anyway: Ed25519, AES-GCM and slog; built with the tag journal also a
// journal, every method of which is called.
package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"os"
)

func main() {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	block, err := aes.NewCipher(public)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	sealed := gcm.Seal(nil, public[:12], []byte(os.Args[0]), nil)
	opened, err := gcm.Open(nil, public[:12], sealed, nil)
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	log.Info("sealed", "opened", opened, "error", err, "genuine", ed25519.Verify(public, sealed,
		ed25519.Sign(private, sealed)))
	store(log, os.Args[0])
}
