package gs1

// linter names one of the dictionary's procedures, which holds a component to more than its length and character set.
type linter uint8

const (
	lintCsum linter = iota
	lintCsumalpha
	lintGcppos1
	lintGcppos2
	lintCouponcode
	lintCouponposoffer
	lintHasnondigit
	lintHh
	lintHhmi
	lintHyphen
	lintIban
	lintImporteridx
	lintIso3166
	lintIso3166999
	lintIso3166alpha2
	lintIso4217
	lintIso5218
	lintLatitude
	lintLongitude
	lintMediatype
	lintMi
	lintNonzero
	lintNozeroprefix
	lintPackagetype
	lintPcenc
	lintPieceoftotal
	lintPosinseqslash
	lintSs
	lintWinding
	lintYesno
	lintYymmd0
	lintYymmdd
	lintYyyymmdd
	lintZero
)

// linters holds each procedure under its name in the dictionary. A procedure returns where in the component the fault
// is, and an empty problem where there is none. It is called after the component's character set was checked.
var linters = [...]struct {
	name  string
	check func(s string) (at int, problem string)
}{
	lintCsum:           {"csum", checkDigit},
	lintCsumalpha:      {"csumalpha", checkPair},
	lintGcppos1:        {"gcppos1", companyPrefix},
	lintGcppos2:        {"gcppos2", companyPrefixSecond},
	lintCouponcode:     {"couponcode", checkCoupon},
	lintCouponposoffer: {"couponposoffer", checkPositiveOffer},
	lintHasnondigit:    {"hasnondigit", hasNonDigit},
	lintHh:             {"hh", hour},
	lintHhmi:           {"hhmi", hourMinute},
	lintHyphen:         {"hyphen", hyphens},
	lintIban:           {"iban", iban},
	lintImporteridx:    {"importeridx", importerIndex},
	lintIso3166:        {"iso3166", country},
	lintIso3166999:     {"iso3166999", countryOr999},
	lintIso3166alpha2:  {"iso3166alpha2", countryAlpha2},
	lintIso4217:        {"iso4217", currency},
	lintIso5218:        {"iso5218", sex},
	lintLatitude:       {"latitude", latitude},
	lintLongitude:      {"longitude", longitude},
	lintMediatype:      {"mediatype", mediaType},
	lintMi:             {"mi", minute},
	lintNonzero:        {"nonzero", nonZero},
	lintNozeroprefix:   {"nozeroprefix", noZeroPrefix},
	lintPackagetype:    {"packagetype", packageType},
	lintPcenc:          {"pcenc", percentEncoding},
	lintPieceoftotal:   {"pieceoftotal", pieceOfTotal},
	lintPosinseqslash:  {"posinseqslash", positionInSequence},
	lintSs:             {"ss", second},
	lintWinding:        {"winding", winding},
	lintYesno:          {"yesno", yesNo},
	lintYymmd0:         {"yymmd0", dateOrMonth},
	lintYymmdd:         {"yymmdd", date},
	lintYyyymmdd:       {"yyyymmdd", longDate},
	lintZero:           {"zero", zero},
}
