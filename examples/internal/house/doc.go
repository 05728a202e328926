// Package house holds the tests that keep the whole project in order: which package may import which, which
// third-party modules a vendor gets, that the README's program and commands work, and that the codes, their list and
// the contract agree. It has no code.
package house
