// Package effect compares the arms of a trial: counts in, the difference and its interval out.
package effect

import "math"

// An Arm counts its devices, and those of them that did what was hoped for.
type Arm struct{ Devices, Outcomes int64 }

// rate is the part of the devices that did it.
func (a Arm) rate() float64 { return float64(a.Outcomes) / float64(a.Devices) }

// A Difference is by how much the rate of the devices that were answered is above that of those that were held out,
// and the interval that covers the true difference in 95 of 100 trials.
type Difference struct {
	Estimate, Low, High float64
	// Enough says that there is enough to tell anything; else the rest is zero.
	Enough bool
}

// Raises and Lowers report whether the whole interval is on one side of no difference.
func (d Difference) Raises() bool { return d.Enough && d.Low > 0 }

// Lowers: see Raises.
func (d Difference) Lowers() bool { return d.Enough && d.High < 0 }

// What is enough to tell anything: an arm of fewer devices says little of a rate, and of so few outcomes one more or
// less changes everything.
const (
	LeastDevices  = 50
	LeastOutcomes = 10
)

// normal is the 0.975 quantile of the normal distribution, for intervals of 95 %.
const normal = 1.959963984540054

// Compare compares the arms, by the hybrid score interval.
//
// For one arm with rate p of n devices, the score interval of Wilson (1927) has as its limits those rates r that a test
// at the level does not refuse: (p - r)² = z² r(1 - r)/n, a quadratic equation in r with the two solutions
//
//	(p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n).
//
// For the difference of two independent rates p and q with score limits l to u and l' to u', Newcombe (1998, method 10)
// takes the distance from the estimate to each limit as what the variances at the limits near there give: downwards p
// is near l and q near u', upwards p is near u and q near l', so that with z²·variance = (distance)²
//
//	low  = p - q - √((p - l)² + (u' - q)²)
//	high = p - q + √((u - p)² + (q - l')²).
//
// It never leaves -1 to 1, needs no continuity correction, and covers close to 95 % at rates near 0, where the interval
// of the textbooks, p - q ± z √(p(1 - p)/n + q(1 - q)/m), covers less.
func Compare(answered, heldOut Arm) Difference {
	if min(answered.Devices, heldOut.Devices) < LeastDevices || answered.Outcomes+heldOut.Outcomes < LeastOutcomes {
		return Difference{}
	}
	p, q := answered.rate(), heldOut.rate()
	lowP, highP := score(answered)
	lowQ, highQ := score(heldOut)
	return Difference{Estimate: p - q, Low: p - q - math.Hypot(p-lowP, highQ-q),
		High: p - q + math.Hypot(highP-p, q-lowQ), Enough: true}
}

// score is Wilson's interval of an arm's rate.
func score(a Arm) (low, high float64) {
	n, p := float64(a.Devices), a.rate()
	const z2 = normal * normal
	middle := p + z2/(2*n)
	spread := normal * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	return max(0, (middle-spread)/(1+z2/n)), min(1, (middle+spread)/(1+z2/n))
}
