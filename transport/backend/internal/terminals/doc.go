// Package terminals changes and reads the row of a terminal: the chains of its records and what is missing of them, its
// keys, the places where it stood, whether it is blocked. It works on values that a transaction read; whoever reads a
// row writes it back.
package terminals
