package offer

import "fmt"

// A SymbolError says which symbol of a short code is wrong. It stands in the tree of errors whose code is
// fault.Mistyped or fault.Swapped, where there is one such place.
type SymbolError struct {
	// Position counts from 1, without hyphens and spaces; of two symbols that are swapped it is the first one's.
	Position int

	detail string
}

// Error says what is wrong with the symbol.
func (e *SymbolError) Error() string { return e.detail }

func wrongSymbol(position int, format string, args ...any) *SymbolError {
	return &SymbolError{position, fmt.Sprintf(format, args...)}
}
