package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/cpu"
)

// stepped is a step of a scan: its name, what it read, whatever others had read, and the time that it took.
type stepped struct {
	name    string
	symbols []string
	took    time.Duration
}

// A trace notes the steps of a scan.
type trace struct {
	steps []stepped
	last  time.Duration
}

func (t *trace) begin() {
	if t != nil {
		t.steps, t.last = nil, cpu.Thread()
	}
}

// step is what a scanner calls behind each of its steps.
func (t *trace) step(name string, read []barcode.Symbol) {
	i := slices.IndexFunc(t.steps, func(s stepped) bool { return s.name == name })
	if i < 0 {
		i = len(t.steps)
		t.steps = append(t.steps, stepped{name: name})
	}
	s, now := &t.steps[i], cpu.Thread()
	s.took += now - t.last
	for _, y := range read {
		if key := y.Format.String() + " " + y.Text; !slices.Contains(s.symbols, key) {
			s.symbols = append(s.symbols, key)
		}
	}
	t.last = cpu.Thread()
}

// A stepSum is a step's results over several pictures.
type stepSum struct {
	name                    string
	pictures, symbols, only int
	first                   int
	took                    time.Duration
}

// reportSteps prints a table of steps for each of our readers, the dearest first.
func reportSteps(names []string, results []result) {
	for i, name := range names {
		sums := map[string]*stepSum{}
		var whole time.Duration
		for _, r := range results {
			whole += r.by[i].took
			addSteps(sums, r.by[i])
		}
		if len(sums) == 0 {
			continue
		}
		fmt.Printf("\n%-32s %8s %8s %8s %8s %8s\n", "steps of "+name, "pictures", "symbols", "symbols", "symbols", "% CPU")
		fmt.Printf("%-32s %8s %8s %8s %8s\n", "", "only it", "only it", "first", "read")
		byTime := func(a, b *stepSum) int { return cmp.Compare(b.took, a.took) }
		for _, s := range slices.SortedFunc(maps.Values(sums), byTime) {
			fmt.Printf("%-32s %8d %8d %8d %8d %8.2f\n", s.name, s.pictures, s.only, s.first, s.symbols,
				100*float64(s.took)/float64(whole))
		}
	}
}

// addSteps adds one picture's steps. A picture is read by one step alone where that step alone read all there was.
func addSteps(sums map[string]*stepSum, v verdict) {
	readers := map[string][]int{} // the steps that read a symbol
	for k, s := range v.steps {
		for _, symbol := range s.symbols {
			readers[symbol] = append(readers[symbol], k)
		}
	}
	alone := map[int]int{}
	for k, s := range v.steps {
		sum := sums[s.name]
		if sum == nil {
			sum = &stepSum{name: s.name}
			sums[s.name] = sum
		}
		sum.took += s.took
		sum.symbols += len(s.symbols)
		for _, symbol := range s.symbols {
			if readers[symbol][0] == k {
				sum.first++
			}
			if len(readers[symbol]) == 1 {
				sum.only++
				alone[k]++
			}
		}
	}
	for k, n := range alone {
		if n == len(readers) {
			sums[v.steps[k].name].pictures++
		}
	}
}
