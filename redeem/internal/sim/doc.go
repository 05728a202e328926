// Package sim tests the whole: terminals, the client, a backend, faults and crashes together. It has no code that
// anybody else uses.
package sim
