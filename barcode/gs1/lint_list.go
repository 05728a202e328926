package gs1

import "sort"

// countries are the numeric codes of ISO 3166-1, in order.
const countries = "" +
	"004008010012016020024028031032036040044048050051052056060064068070072074076084086090092096100104108112116120" +
	"124132136140144148152156158162166170174175178180184188191192196203204208212214218222226231232233234238239242" +
	"246248250254258260262266268270275276288292296300304308312316320324328332334336340344348352356360364368372376" +
	"380384388392398400404408410414417418422426428430434438440442446450454458462466470474478480484492496498499500" +
	"504508512516520524528531533534535540548554558562566570574578580581583584585586591598600604608612616620624626" +
	"630634638642643646652654659660662663666670674678682686688690694702703704705706710716724728729732740744748752" +
	"756760762764768772776780784788792795796798800804807818826831832833834840850854858860862876882887894"

// countriesAlpha2 are the alpha-2 codes of ISO 3166-1, in order.
const countriesAlpha2 = "" +
	"ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCX" +
	"CYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIR" +
	"ISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNE" +
	"NFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTF" +
	"TGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW"

// currencies are the numeric codes of ISO 4217, in order.
const currencies = "" +
	"008012032036044048050051052060064068072084090096104108116124132136144152156170174188191192203208214222230232" +
	"238242262270292320324328332340344348352356360364368376388392398400404408410414417418422426430434446454458462" +
	"480484496498504512516524532533548554558566578586590598600604608634643646654682690694702704706710728748752756" +
	"760764776780784788800807818826834840858860882886901924925926927928929930931932933934936938940941943944946947" +
	"948949950951952953955956957958959960961962963964965967968969970971972973975976977978979980981984985986990994" +
	"997999"

// packageTypes are the codes of UN/ECE Recommendation 21 with those that GS1 adds, padded to three characters, in
// order.
const packageTypes = "" +
	"1A 1B 1D 1F 1G 1W 2002012022032042052062102112122C 3A 3H 43 44 4A 4B 4C 4D 4F 4G 4H 5H 5L 5M 6H 6P 7A 7B 8  " +
	"8A 8B 8C 9  AA AB AC AD AF AG AH AI AJ AL AM AP APEAT AV B4 BB BC BD BE BF BG BGEBH BI BJ BK BL BM BMEBN BO " +
	"BP BQ BR BRIBS BT BU BV BW BX BY BZ CA CB CBLCC CCECD CE CF CG CH CI CJ CK CL CM CN CO CP CQ CR CS CT CU CV " +
	"CW CX CY CZ DA DB DC DG DH DI DJ DK DL DM DN DP DPEDR DS DT DU DV DW DX DY E1 E2 E3 EC ED EE EF EG EH EI EN " +
	"FB FC FD FE FI FL FO FOBFP FPEFR FT FW FX GB GI GL GR GU GY GZ HA HB HC HG HN HR IA IB IC ID IE IF IG IH IK " +
	"IL IN IZ JB JC JG JR JT JY KG KI LABLE LG LT LU LV LZ MA MB MC ME MPEMR MS MT MW MX NA NE NF NG NS NT NU NV " +
	"OA OB OC OD OE OF OK OPEOT OU P2 PA PAEPB PC PD PE PF PG PH PI PJ PK PL PLPPN PO POPPP PPEPR PT PU PUEPV PX " +
	"PY PZ QA QB QC QD QF QG QH QJ QK QL QM QN QP QQ QR QS RB1RB2RB3RCBRD RG RJ RK RL RO RT RZ S1 SA SB SC SD SE " +
	"SECSH SI SK SL SM SO SP SS ST STLSU SV SW SX SY SZ T1 TB TC TD TE TEVTG THETI TK TL TN TO TR TRETS TT TTETU " +
	"TV TW TWETY TZ UC UN UUEVA VG VI VK VL VN VO VP VQ VR VS VY WA WB WC WD WF WG WH WJ WK WL WM WN WP WQ WR WRP" +
	"WS WT WU WV WW WX WY WZ X11X12X15X16X17X18X19X20X3 XA XB XC XD XF XG XH XJ XK YA YB YC YD YF YG YH YJ YK YL " +
	"YM YN YP YQ YR YS YT YV YW YX YY YZ ZA ZB ZC ZD ZF ZG ZH ZJ ZK ZL ZM ZN ZP ZQ ZR ZS ZT ZU ZV ZW ZX ZY ZZ "

func country(s string) (int, string) {
	return lookUpCode(countries, 3, s, "is no numeric country code of ISO 3166-1")
}

func countryOr999(s string) (int, string) {
	if s == "999" {
		return 0, ""
	}
	return country(s)
}

func countryAlpha2(s string) (int, string) {
	return lookUpCode(countriesAlpha2, 2, s, "is no two-letter country code of ISO 3166-1")
}

func currency(s string) (int, string) {
	return lookUpCode(currencies, 3, s, "is no numeric currency code of ISO 4217")
}

func packageType(s string) (int, string) {
	const width = 3
	return lookUpCode(packageTypes, width, s+"   "[min(len(s), width):], "is no package type code")
}

// mediaType wants a code that ICCBBA has assigned, or one of those for local use.
func mediaType(s string) (int, string) {
	if len(s) != 2 || !isDigits(s) || s < "01" || s > "10" && s < "80" {
		return 0, "is no AIDC media type"
	}
	return 0, ""
}

// lookUpCode looks s up in a list of codes of the same width that stand in order without separators.
func lookUpCode(list string, width int, s, problem string) (int, string) {
	if len(s) != width {
		return 0, problem
	}
	n := len(list) / width
	at := sort.Search(n, func(i int) bool { return list[i*width:(i+1)*width] >= s })
	if at == n || list[at*width:(at+1)*width] != s {
		return 0, problem
	}
	return 0, ""
}

// iban wants a country, characters of the alphabet of ISO 13616, and check digits that leave 1 modulo 97.
func iban(s string) (int, string) {
	const shortest, longest = 11, 34
	if len(s) < shortest || len(s) > longest {
		return 0, "has the wrong length for an IBAN"
	}
	if _, problem := countryAlpha2(s[:2]); problem != "" {
		return 0, problem
	}
	remainder := 0
	for i := range len(s) {
		at := (i + 4) % len(s) // the first four characters count last
		c := s[at]
		switch {
		case isDigit(c):
			remainder = (remainder*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			remainder = (remainder*100 + int(c-'A') + 10) % 97
		default:
			return at, "is no character of an IBAN"
		}
	}
	if remainder != 1 {
		return 2, "are not the check digits that the others make"
	}
	return 0, ""
}
