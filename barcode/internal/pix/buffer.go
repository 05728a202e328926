package pix

// Sized is a buffer with room for n values, the one that is given where it is large enough. The values are whatever
// they were.
func Sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
