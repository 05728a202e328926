// Package fault holds every error and reason code of Offlane and the one error type that carries them.
//
// A Code is a constant and is itself an error, so that a program can ask for it without knowing where it came from:
//
//	if errors.Is(err, fault.OutcomeUnknown) { … call again with the same sale key … }
//
// The same codes are the reasons of a decision, the reasons of a verdict, and the last path element of the problem type
// (RFC 9457) that a backend answers with. CODES.md beside this file says for each what happened, what the cashier sees,
// what a manager may do and what the program does.
package fault

import (
	"errors"
	"fmt"
)

// A Code names one thing that can go wrong or one reason of a decision. Codes are lower-case words joined by hyphens;
// once released a code keeps its meaning. The zero value is no code.
type Code string

// Error returns the code itself.
func (c Code) Error() string { return string(c) }

// An Error is what every exported function of redeem, its rooms and transport returns when it fails.
// It is immutable and may be shared between goroutines.
type Error struct {
	// Code says what kind of failure it is; never empty.
	Code Code
	// Op is the operation that failed, as package.Function; it may be empty.
	Op string
	// Detail says what happened, to what, and what to do next. It holds no secrets and no identifier in full.
	Detail string
	// Err is the failure underneath, or nil.
	Err error
}

// New returns an Error with a formatted detail. A %w verb in the format also sets Err.
func New(code Code, op, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Op: op, Detail: err.Error(), Err: errors.Unwrap(err)}
}

// Error returns "operation: code: detail", leaving out what is empty.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Op != "" {
		text = e.Op + ": " + text
	}
	return text
}

// Is reports whether target is this error's code, so that errors.Is(err, fault.Held) works.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// Unwrap returns the failure underneath, or nil.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first Error or Code in err's tree, or "" where there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if c, ok := errors.AsType[Code](err); ok {
		return c
	}
	return ""
}
