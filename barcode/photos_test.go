package barcode

import (
	"context"
	"flag"
	"image"
	_ "image/jpeg" // the pictures of gozxing
	_ "image/png"  // ditto
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var everyPhoto = flag.Bool("photos", false, "try every picture that gozxing ships, not one in six")

// A photo is a picture that gozxing ships, with what its own tests say that it holds.
type photo struct{ room, file, text string }

// photos are those of a module's folder. gozxing's tests name file and text side by side, also where it cannot read
// them.
func photos(t *testing.T, root string) (all []photo) {
	t.Helper()
	// not those that go on with a plus
	pair := regexp.MustCompile(`"(testdata/[^"]+\.(?:png|jpg))",\s*("(?:[^"\\]|\\.)*")\s*[^+\s]`)
	for _, room := range []string{"qrcode", "datamatrix", "aztec", "oned", "oned/rss"} {
		tests, err := filepath.Glob(filepath.Join(root, room, "*_test.go"))
		require.NoError(t, err)
		seen := map[string]bool{}
		for _, name := range tests {
			source, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, m := range pair.FindAllStringSubmatch(string(source), -1) {
				text, err := strconv.Unquote(m[2])
				require.NoError(t, err)
				file := filepath.Join(root, room, m[1])
				if !seen[file] && !strings.Contains(file, "code39/2-") { // those are Code 39 in full ASCII, which is asked for
					seen[file] = true
					all = append(all, photo{room, file, text})
				}
			}
		}
	}
	return all
}

// TestPhotosOfGozxingAreRead reads real pictures from the module cache, where the tests of our dependency stand. A
// share of them must be read with each setting; none may be read wrong.
func TestPhotosOfGozxingAreRead(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/makiuchi-d/gozxing").Output()
	root := strings.TrimSpace(string(out))
	if err != nil || root == "" {
		left(t, "gozxing is not in the module cache")
	}
	all := photos(t, root)
	if len(all) == 0 {
		left(t, "the module cache holds none of gozxing's pictures")
	}
	// The least share in percent.
	for setting, least := range map[scanSetting]map[string]int{
		stillSetting: {"qrcode": 100, "datamatrix": 85, "aztec": 30, "oned": 85},
		frameSetting: {"qrcode": 95, "datamatrix": 80, "aztec": 30, "oned": 80},
	} {
		read, tried := map[string]int{}, map[string]int{}
		for i, p := range all {
			if i%(6*thin()) != 0 && !*everyPhoto {
				continue
			}
			tried[p.room]++
			if p.tryIt(t, setting) {
				read[p.room]++
			} else {
				t.Logf("setting %d misses %s", setting, p.file)
			}
		}
		for room, percent := range least {
			t.Logf("setting %d reads %d of %d in %s", setting, read[room], tried[room], room)
			if thin() == 1 {
				assert.GreaterOrEqual(t, 100*read[room], percent*tried[room], "setting %d, %s", setting, room)
			}
		}
	}
}

// left says what was left out; under CI nothing may be.
func left(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip("left out: " + why)
}

func (p photo) tryIt(t *testing.T, setting scanSetting) (read bool) {
	t.Helper()
	f, err := os.Open(p.file)
	require.NoError(t, err)
	defer f.Close()
	img, _, err := image.Decode(f)
	require.NoError(t, err)
	s := Scanner{Frame: setting == frameSetting, Budget: -1}
	got, err := s.Scan(context.Background(), img)
	require.NoError(t, err)
	for _, symbol := range got {
		if slices.Contains(beside, symbol.Text) {
			continue
		}
		right := p.says(symbol)
		assert.True(t, right, "setting %d reads %v %q in %s, which says %q", setting, symbol.Format, symbol.Text, p.file,
			p.text)
		read = read || right
	}
	return read
}

// beside are texts of second symbols that stand in the same pictures.
var beside = []string{"001EC947D49B", "001EC9476B0A"}

// says lets a number's leading zeros pass, and what goes before a DataBar's GTIN.
func (p photo) says(s Symbol) bool {
	if p.room == "oned/rss" {
		return strings.HasSuffix(s.Text, p.text)
	}
	if slices.Contains([]Format{EAN13, EAN8, UPCA, UPCE}, s.Format) {
		return strings.TrimLeft(s.Text, "0") == strings.TrimLeft(p.text, "0")
	}
	return s.Text == p.text
}
