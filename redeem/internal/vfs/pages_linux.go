package vfs

import "golang.org/x/sys/unix"

// HoldInPages has the system hold a flushed file in memory page by page. What one large write left, Linux holds in
// pieces as large (ext4 since 6.16, xfs since 5.18), and each small write and each flush afterwards goes through the
// whole piece that it touches: 2 to 3 % of an append. It is advice, which is why nothing is said when it is not taken.
func HoldInPages(f File) {
	file, ok := f.(osFile)
	if !ok {
		return
	}
	fd := int(file.Fd())
	if unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED) == nil {
		_ = unix.Fadvise(fd, 0, 0, unix.FADV_WILLNEED)
	}
}
