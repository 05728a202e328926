package barcode_test

import (
	"context"
	"fmt"

	"github.com/offlane/offlane/barcode"
)

func Example() {
	drawing, err := barcode.Encode(barcode.QRCode, "OL1:EXAMPLE", barcode.Encoding{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var scanner barcode.Scanner
	symbols, err := scanner.Scan(context.Background(), drawing.Image(6))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range symbols {
		fmt.Println(s.Format, s.Text, s.Transmitted())
	}
	// Output: qr_code OL1:EXAMPLE ]Q1OL1:EXAMPLE
}
