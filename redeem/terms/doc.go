// Package terms says what an offer is worth: the terms of an offer and the lines of a sale in, the discount line by line
// out. It holds values only; everything in it may be used by several goroutines at once.
//
// # The rules
//
// All amounts are whole minor units of one currency. An offer's discount is reckoned in five steps.
//
//  1. Eligible are the lines that are not marked otherwise and whose product the terms list, or all where they list none.
//     Their amounts together are the spend, their quantities together the quantity; returns count against both. Where the
//     spend or the quantity is below the terms' minimum, there is no discount.
//  2. Of the eligible items (with a fixed price of those above it) the cheapest by unit price get the discount, the earlier
//     line first where two are equal, up to the greatest quantity of the terms and up to what was not returned. A line of
//     which a part is taken counts with its amount times that part, rounded to the nearest unit, halves up. These amounts
//     together are the base.
//  3. By kind. Amount off: the terms' amount, at most the base. Percent off: the base times the percentage, rounded to the
//     nearest unit, halves up, once for the whole sale and not line by line. Fixed price: line by line, the line's part of
//     the base less the price times the quantity taken, rounded likewise, at least zero. Free item: the base.
//  4. The total is at most the terms' cap and at most the spend.
//  5. The total is divided among the lines in proportion to the base, or to what step 3 made of them, by the method of the
//     largest remainder: each line gets its share rounded down, and the units that are left go one each to the lines with
//     the largest remainders, the earlier line first where two are equal.
//
// So the lines add up to the total to the unit, and no line gets less than nothing or more than its amount.
package terms
