package fault

// Invalid returns an Error with the code InvalidRequest and no operation: what was asked for cannot be meant. The
// detail begins with the field or the parameter.
func Invalid(format string, args ...any) *Error { return New(InvalidRequest, "", format, args...) }

// WithOp returns err with the operation op, written as package.Function, where err is an *Error that has none. An
// exported function calls it once, for all that it returns. Any other error is returned as it is, and so is nil.
func WithOp(op string, err error) error {
	e, ok := err.(*Error)
	if !ok || e == nil || e.Op != "" {
		return err
	}
	at := *e
	at.Op = op
	return &at
}
