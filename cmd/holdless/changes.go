package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxChanged is how many lines two files may differ in and still be compared
// line by line.
const maxChanged = 2000

// tellChanges writes the lines in which two texts differ, with two lines
// around them, as diff -u does.
func tellChanges(w io.Writer, name, before, after string) {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	lead := 0
	for lead < len(a) && lead < len(b) && a[lead] == b[lead] {
		lead++
	}
	tail := 0
	for tail < len(a)-lead && tail < len(b)-lead && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	fmt.Fprintf(w, "--- %s\n+++ %s formatted\n", name, name)
	from := max(0, lead-2)
	fmt.Fprintf(w, "@@ -%d +%d @@\n", from+1, from+1)
	for _, line := range a[from:lead] {
		fmt.Fprintln(w, " "+line)
	}
	for _, line := range edits(a[lead:len(a)-tail], b[lead:len(b)-tail]) {
		fmt.Fprintln(w, line)
	}
	for _, line := range a[len(a)-tail : min(len(a)-tail+2, len(a))] {
		fmt.Fprintln(w, " "+line)
	}
}

// edits is the shortest way from one list of lines to another: lines that go
// (-), come (+) and stay.
func edits(a, b []string) []string {
	if len(a) > maxChanged || len(b) > maxChanged {
		a, b = a[:min(len(a), maxChanged)], b[:min(len(b), maxChanged)]
	}
	same := make([][]int, len(a)+1) // lines in common from here on
	for i := range same {
		same[i] = make([]int, len(b)+1)
	}
	for i, line := range slices.Backward(a) {
		for j, other := range slices.Backward(b) {
			if same[i][j] = max(same[i+1][j], same[i][j+1]); line == other {
				same[i][j] = same[i+1][j+1] + 1
			}
		}
	}
	var all []string
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, " "+a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && same[i+1][j] >= same[i][j+1]:
			all = append(all, "-"+a[i])
			i++
		default:
			all = append(all, "+"+b[j])
			j++
		}
	}
	return all
}
