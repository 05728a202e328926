//go:build !race

package storesuite

// shortened is what part of a history's steps is taken without -long.
const shortened = 30
