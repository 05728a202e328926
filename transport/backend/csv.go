package backend

import (
	"bytes"
	"encoding/csv"
	"path"
	"strconv"
	"strings"
)

func (c *call) wantsCSV() bool { return c.URL.Query().Get("format") == "csv" }

// csv is an answer for spreadsheets (RFC 4180), to be kept as a file.
func (c *call) csv(rows [][]string) (file, error) {
	text, err := csvOf(rows)
	return c.csvFile(text), err
}

func (c *call) csvFile(text []byte) file {
	c.w.Header().Set("Content-Disposition", "attachment; filename="+path.Base(c.URL.Path)+".csv")
	return file{"text/csv; charset=utf-8", text}
}

func csvOf(rows [][]string) ([]byte, error) {
	for _, row := range rows {
		for i := range row {
			row[i] = plainCell(row[i])
		}
	}
	var text bytes.Buffer
	err := csv.NewWriter(&text).WriteAll(rows)
	return text.Bytes(), err
}

// plainCell keeps a spreadsheet from taking a name for a formula.
func plainCell(text string) string {
	if _, err := strconv.ParseInt(text, 10, 64); err != nil && text != "" && strings.Contains("=+-@\t\r", text[:1]) {
		return "'" + text
	}
	return text
}
