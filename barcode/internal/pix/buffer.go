package pix

// Resize returns a buffer with room for n values, the one that is given where it is large enough. The values are
// whatever they were.
func Resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
