package wedge_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/wedge"
)

const coupon = "]C12554012345000009123456"

// collect reads scans until the stream ends.
func collect(ctx context.Context, r io.Reader, cfg wedge.Config) (texts []string, last error) {
	for scan, err := range wedge.Scans(ctx, r, cfg) {
		if last = err; err == nil {
			texts = append(texts, scan.String())
		}
	}
	return texts, last
}

func TestScansComeAsTheyAreTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		go func() {
			for _, data := range []string{coupon, "\r", coupon[:9], "pause", coupon[9:] + "\r", "stall", "]C1255"} {
				switch data {
				case "pause":
					time.Sleep(time.Second)
				case "stall":
					time.Sleep(time.Minute)
				default:
					_, _ = w.Write([]byte(data))
				}
			}
			time.Sleep(time.Minute)
			_ = w.Close()
		}()
		texts, err := collect(t.Context(), r, wedge.Config{})
		require.NoError(t, err)
		assert.Equal(t, []string{coupon, coupon, "]C1255"}, texts)
	})
}

func TestAScanWithoutATerminatorEndsWithAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		began := time.Now()
		go func() { _, _ = w.Write([]byte(coupon)) }()
		bare := wedge.Profile{Version: 1, Scanner: wedge.US, Keyboard: wedge.US}
		for scan, err := range wedge.Scans(t.Context(), r, wedge.Config{Pause: 200 * time.Millisecond, Profile: bare}) {
			require.NoError(t, err)
			assert.Equal(t, coupon, scan.String())
			assert.Equal(t, 200*time.Millisecond, time.Since(began))
			break
		}
		_, err := w.Write([]byte("x"))
		assert.ErrorIs(t, err, io.ErrClosedPipe, "the reader was closed when the loop ended")
	})
}

func TestScansEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := io.Pipe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		texts, err := collect(ctx, r, wedge.Config{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Empty(t, texts)
	})
}

func TestErrorsOfTheReaderAreYielded(t *testing.T) {
	broken := errors.New("unplugged")
	r := io.MultiReader(strings.NewReader(coupon), errorReader{broken})
	texts, err := collect(t.Context(), r, wedge.Config{})
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []string{coupon}, texts, "what came before is not lost")
	_, err = collect(t.Context(), strings.NewReader(""), wedge.Config{Profile: wedge.Profile{Version: 9}})
	assert.ErrorContains(t, err, "this is no profile that can be used")
	texts, err = collect(t.Context(), strings.NewReader(strings.Repeat("x", wedge.MaxScan+600)+"\r"+coupon+"\r"),
		wedge.Config{})
	assert.NoError(t, err, "reading went on after a scan that was too long")
	assert.Equal(t, []string{coupon}, texts)
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func Example() {
	typed := strings.NewReader("+C12554012345000009123456;GS:17261231\r") // by an American scanner on a German computer
	for scan, err := range wedge.Scans(context.Background(), typed, wedge.Config{}) {
		if err != nil {
			panic(err)
		}
		fmt.Printf("%q %s\n", scan.Text, scan.AIM.Symbology())
		for _, repair := range scan.Repairs {
			fmt.Println(repair)
		}
	}
	// Output:
	// "2554012345000009123456\x1d17261231" GS1-128
	// keyboard layout de, scanner layout us
	// group separator from "<GS>"
}
