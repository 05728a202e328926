// Package cashier has the texts that a cashier's screen shows: for each code of package fault one sentence, in English,
// German, French and Spanish, with the values of the reason in it.
//
//	var texts cashier.Texts
//	for _, reason := range decision.Reasons {
//		fmt.Println(texts.Reason("de", reason)) // Hier bereits eingelöst am 26.11.2026 14:05, Beleg 7K2F9-XR41M.
//	}
//
// # Templates
//
// A text may name values in braces: {store} and {lane} where the offer was redeemed, {at} when, {receipt} its receipt,
// {title} what that offer is called, {begins} and {ends} its validity, {position} and {next} the symbols of a code that
// are wrong, {missing} and {quantity} what the sale lacks, {limit} and {used} how far a limit is, in a unit that only
// the reason's detail names. What stands in square brackets is left out where a value in it is not known. A value
// outside of brackets that is not known is left out alone.
package cashier
