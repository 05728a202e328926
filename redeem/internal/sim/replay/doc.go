// Package replay tests that a change of the code changes no behaviour: it drives a terminal through random histories
// and writes down everything that the terminal says. Two versions of the code that write the same behave the same. It
// has no code that anybody else uses.
//
// A history follows from its seed alone: identifiers, keys, clock readings, faults of the disk and answers of the
// backend. To compare two versions, build the test of each and compare what they write:
//
//	go test -c -o new.test ./redeem/internal/sim/replay
//	./new.test -test.run 'TestReplay$' -from 1 -histories 100000 -digests new.txt
//
// A line is a seed and two digests: of what a program depends on, and of the sentences for people. With -trace the test
// prints what the terminal said. With -trouble=false the disk never fails: how often code writes and flushes for one
// call is no behaviour, and decides what a failure hits.
package replay
