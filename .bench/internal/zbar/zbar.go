//go:build zbar

// Package zbar reads gray pixels with libzbar. It needs cgo, libzbar-dev and the build tag zbar; without the tag New
// says that it is left out, so that the module builds and vets anywhere.
package zbar

/*
#cgo LDFLAGS: -lzbar
#include <zbar.h>

// The image lives for this call alone, so that no pointer of Go's stays in C.
static int scan(zbar_image_scanner_t *s, const void *data, unsigned w, unsigned h, zbar_image_t **out) {
	zbar_image_t *img = zbar_image_create();
	zbar_image_set_format(img, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(img, w, h);
	zbar_image_set_data(img, data, (unsigned long)w * h, NULL);
	int n = zbar_scan_image(s, img);
	zbar_image_set_data(img, NULL, 0, NULL);
	*out = img;
	return n;
}
*/
import "C"

import (
	"errors"
	"unsafe"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/pictures"
)

// A Scanner is a zbar_image_scanner_t. It is for one goroutine.
type Scanner struct{ c *C.zbar_image_scanner_t }

// New makes a scanner of the manifest's formats; none: all symbologies that zbar has, but for those that
// give an EAN another text.
func New(formats ...string) (*Scanner, error) {
	s := &Scanner{C.zbar_image_scanner_create()}
	all := C.int(0)
	if len(formats) == 0 {
		all = 1
	}
	s.enable(C.ZBAR_NONE, all)
	for _, t := range renaming {
		s.enable(t, 0)
	}
	for _, f := range formats {
		for _, t := range types[f] {
			s.enable(t, 1)
		}
	}
	return s, nil
}

func (s *Scanner) enable(t C.zbar_symbol_type_t, on C.int) {
	C.zbar_image_scanner_set_config(s.c, t, C.ZBAR_CFG_ENABLE, on)
}

var renaming = []C.zbar_symbol_type_t{C.ZBAR_ISBN10, C.ZBAR_ISBN13, C.ZBAR_EAN2, C.ZBAR_EAN5, C.ZBAR_COMPOSITE}

var types = map[string][]C.zbar_symbol_type_t{
	"qr_code": {C.ZBAR_QRCODE}, "code128": {C.ZBAR_CODE128}, "code39": {C.ZBAR_CODE39}, "code93": {C.ZBAR_CODE93},
	"codabar": {C.ZBAR_CODABAR}, "itf": {C.ZBAR_I25}, "databar": {C.ZBAR_DATABAR},
	"databar_expanded": {C.ZBAR_DATABAR_EXP},
	"ean_upc":          {C.ZBAR_EAN13, C.ZBAR_EAN8, C.ZBAR_UPCA, C.ZBAR_UPCE},
}

// Scan reads a plane without gaps between its rows.
func (s *Scanner) Scan(p barcode.Plane) ([]pictures.Reading, error) {
	var img *C.zbar_image_t
	n := C.scan(s.c, unsafe.Pointer(unsafe.SliceData(p.Pix)), C.uint(p.Width), C.uint(p.Height), &img)
	defer C.zbar_image_destroy(img)
	if n < 0 {
		return nil, errors.New("zbar: the scan failed")
	}
	var all []pictures.Reading
	for y := C.zbar_image_first_symbol(img); y != nil; y = C.zbar_symbol_next(y) {
		r := pictures.Reading{
			Format: C.GoString(C.zbar_get_symbol_name(C.zbar_symbol_get_type(y))),
			Text:   C.GoStringN(C.zbar_symbol_get_data(y), C.int(C.zbar_symbol_get_data_length(y))),
		}
		for i := range C.zbar_symbol_get_loc_size(y) {
			r.Corners = append(r.Corners, barcode.Point{
				X: float64(C.zbar_symbol_get_loc_x(y, i)), Y: float64(C.zbar_symbol_get_loc_y(y, i)),
			})
		}
		all = append(all, r)
	}
	return all, nil
}
