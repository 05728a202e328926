package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// newToken is 256 random bits.
func newToken() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// leastToken is how many characters a token has at least, where somebody wrote it.
const leastToken = 22

// readToken reads the token of a file that only this user can read, and makes it at the first start.
func readToken(name string) (string, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return makeToken(name)
	}
	if err != nil {
		return "", err
	}
	if err := checkPrivate(name); err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(data))
	if len(token) < leastToken {
		return "", fmt.Errorf("%s: a token has at least %d characters: delete the file, and another is made", name,
			leastToken)
	}
	return token, nil
}

func makeToken(name string) (string, error) {
	token := newToken()
	if err := writePrivate(name, []byte(token+"\n")); err != nil {
		return "", err
	}
	return token, nil
}

// writePrivate writes a file that only this user can read, whole or not at all.
func writePrivate(name string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close(), restrict(file.Name()))
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
