// Package gs1 reads and writes what GS1 barcodes carry: element strings with their Application Identifiers (AIs), GS1
// Digital Link URIs, and the AIM symbology identifiers that scanners put before them. It uses the standard library
// alone, holds no state, and everything in it may be used by several goroutines at once.
//
// The table of AIs is generated from the GS1 Barcode Syntax Dictionary, which stands beside the generator in
// internal/gen under its own notice (Apache License 2.0), and with it each AI's lengths, character sets,
// linters, companions and places in a Digital Link. Parsing holds every value to its lengths, character sets and
// linters; [Elements.Check] holds the AIs to their companions, which by the General Specifications may stand in several
// carriers on one item.
//
// # Linters
//
// Every linter of the dictionary is implemented. Three of them know less than a registry would:
//
//   - gcppos1 and gcppos2 ask for the four digits that every GS1 Company Prefix begins with. Whether the prefix was
//     ever allocated is in no table here.
//   - iso3166, iso3166alpha2, iso3166999, iso4217, iban's country, packagetype and mediatype look in lists as
//     published in 2024; a code that was withdrawn since 2022 is still taken.
//   - yymmdd and yymmd0 place two-digit years in a century only to know leap years, and there 00 is always 2000, since
//     this package has no clock.
//
// AIs that the dictionary does not have are refused by name, unless [Options] permit them. Of a composite symbol's
// message only one component is read at a time.
package gs1

//go:generate go run ./internal/gen -dict internal/gen/gs1-syntax-dictionary.txt -out table.go
