package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

func printJSON(w io.Writer, r report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// printLines quotes a text that is not plain: a symbol may hold line ends and escape sequences.
func printLines(w io.Writer, r report) error {
	for _, s := range r.Symbols {
		text := s.Text
		if q := strconv.Quote(text); q != `"`+text+`"` {
			text = q
		}
		if _, err := fmt.Fprintf(w, "%s\t%v\t%s\n", r.File, s.Format, text); err != nil {
			return err
		}
	}
	return nil
}
