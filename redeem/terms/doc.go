// Package terms says what an offer is worth: the terms of an offer and the lines of a sale in, the discount line by
// line out. It holds values only; everything in it may be used by several goroutines at once.
//
// # The rules
//
// All amounts are whole minor units of one currency. An offer's discount is reckoned in five steps.
//
//  1. Eligible are the lines that are not marked otherwise, whose product the terms list, or all where they list none,
//     and that are in the terms' unit. Terms without a unit count items and are for lines in any unit, each line that
//     has one being one item; only a fixed price without a unit is for counted items alone. The amounts of the
//     eligible lines together are the spend, their quantities together the quantity. A return counts against both and
//     a deduction, of which the unit does not matter, against the spend, whichever sign their numbers have; a deposit
//     counts in neither. Where nothing eligible was bought or the spend or the quantity is below the terms' minimum,
//     there is no discount.
//  2. Of what was bought and is eligible (with a fixed price of what costs more) the cheapest by unit price gets the
//     discount, the earlier line first where two are equal. The greatest quantity of the terms bounds it; where they
//     have one, or with a fixed price, it is also at most the quantity of step 1, from which returns are subtracted.
//     Of items only whole ones are taken. A line of which a part is taken counts with its amount times that part,
//     rounded to the nearest unit, halves up. These amounts together are the base, which is at most the spend.
//  3. By kind. Amount off: the terms' amount, at most the base. Percent off: the base times the percentage, rounded to
//     the nearest unit, halves up, once for the whole sale and not line by line. Fixed price: line by line, the line's
//     amount of step 2 less the price times the quantity taken, rounded likewise, at least zero. Free item: the base.
//  4. The total is at most the terms' cap and at most the spend.
//  5. The total is divided among the lines in proportion to the base, or to what step 3 made of them, by the method of
//     the largest remainder: each line gets its share rounded down, and the units that are left go one each to the
//     lines with the largest remainders, the earlier line first where two are equal.
//
// So the lines add up to the total to the unit, and no line gets less than nothing or more than its amount.
//
// # What a line stands for
//
// A point of sale sends more than what was bought. A line says with Line.Kind what it stands for; without one its
// signs tell:
//
//	something bought                no sign, no kind
//	goods that come back            a negative quantity, or a negative amount and a GTIN, or Return
//	a coupon or a price reduction   a negative amount, no GTIN and no negative quantity, or Deduction
//	a deposit, paid or paid back    Deposit
//
// What is weighed or measured has a Line.Unit besides. Without it 2.000 kg are two items, and 0.452 kg are refused.
//
// Nothing with a negative sign counts as bought or gets a discount. A deduction lowers the spend only of offers that
// are for its product; one without a GTIN only of those that are for all products. A point of sale that can gives the
// lowered amount in the line of the product instead, so that no kind of offer discounts what was not paid.
package terms
