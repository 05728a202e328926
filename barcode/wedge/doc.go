// Package wedge turns what a hand scanner delivers into symbols' texts. A hand scanner acts as a keyboard (a "keyboard
// wedge"), as a serial port, or as an input device of its own; what arrives is bytes or key presses, and on the way a
// text may be given a prefix and a suffix, lose its group separators, and be spoilt by a keyboard layout other than the
// one that the scanner believes in.
//
//   - [Scans] reads any io.Reader and yields one [Scan] for each symbol; [Framer] does the same for callers that keep
//     the time themselves.
//   - A [Profile] says what one scanner and one keyboard layout do to text. [Learn] makes it from one scan of the
//     self-test, a barcode with the text [SelfTest]. Without a profile the layout, caps lock and substitutes for the
//     group separator are recognised from the text where the result carries a check of its own; any other text stays
//     as it came.
//   - [NewKeys] decodes the events of a Linux input device, and [OpenInput] opens one for this program alone, so that a
//     scan never lands in another window; [NewReports] decodes the reports of a USB keyboard. Key presses know no
//     layout, so nothing is spoilt on that way.
//
// Nothing is guessed: where undoing what happened leaves more than one text, all are in [Scan].Readings. Characters are
// repaired and structure is not: a group separator that was lost is not put back, and [Scan].Separated says whether any
// can have been.
package wedge
