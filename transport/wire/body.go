package wire

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/offlane/offlane/redeem/fault"
)

// Read reads one JSON value of at most limit bytes and nothing after it. Fields that T does not have are passed over.
// Errors: fault.TooLarge, fault.Malformed; an error of r itself is returned as it is.
func Read[T any](r io.Reader, limit int64) (T, error) {
	raw, err := readAll(r, limit)
	if err != nil {
		var none T
		return none, err
	}
	return decode[T](raw)
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, fault.New(fault.TooLarge, readOp, "the body is longer than %d bytes", limit)
	}
	return raw, nil
}

const readOp = "wire.Read"

func decode[T any](raw []byte) (v T, err error) {
	if err := json.Unmarshal(raw, &v); err != nil {
		if _, ok := errors.AsType[*fault.Error](err); ok {
			return v, err
		}
		return v, fault.New(fault.Malformed, readOp, "the body is not the JSON that the contract asks for: %w", err)
	}
	return v, nil
}

// Write writes v as one line of JSON.
func Write(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
