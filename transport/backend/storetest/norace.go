//go:build !race

package storetest

// shortened is what part of a history's steps is taken without -long.
const shortened = 30
