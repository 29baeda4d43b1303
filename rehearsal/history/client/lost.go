package main

import (
	"maps"
	"math"
	"slices"
)

// Whether a history is linearizable is a yes or a no. These rules count what a person asks about: they need no search,
// because every written value is written by one operation only.

func isSet(history []attempt) bool {
	return history[0].Kind == addElement || history[0].Kind == listElements
}

// lostAndStaleInRegister counts the acknowledged writes that began after the write of a read value had ended, and ended
// before the read began. At the end they are lost, earlier the read is stale.
func lostAndStaleInRegister(history []attempt) (lost, stale int) {
	// The moment after which a value cannot be written any more.
	written := map[string]int64{initial: 0}
	for _, made := range history {
		if made.Kind != writeRegister || made.Outcome == failed {
			continue
		}
		end := made.End
		if made.Outcome == unknown {
			end = math.MaxInt64
		}
		written[made.Value] = max(written[made.Value], end)
	}
	for _, read := range history {
		if read.Kind != readRegister || read.Outcome != ok {
			continue
		}
		end, known := written[read.Value]
		if !known {
			continue
		}
		overwritten := 0
		for _, made := range history {
			if made.Kind == writeRegister && made.Outcome == ok && made.Start > end && made.End < read.Start {
				overwritten++
			}
		}
		if read.Final {
			lost += overwritten
		} else if overwritten > 0 {
			stale++
		}
	}
	return lost, stale
}

// lostAndStaleInSet counts acknowledged elements that are missing at the end, and earlier lists that miss an
// acknowledged element which is there at the end.
func lostAndStaleInSet(history []attempt) (lost, stale int) {
	added := map[string]int64{}
	missing := map[string]bool{}
	for _, made := range history {
		if made.Kind == addElement && made.Outcome == ok {
			added[made.Value] = made.End
		}
	}
	misses := func(read attempt) (elements []string) {
		for element, end := range added {
			if end < read.Start && !slices.Contains(read.Values, element) {
				elements = append(elements, element)
			}
		}
		return elements
	}
	for _, read := range history {
		if read.Kind == listElements && read.Outcome == ok && read.Final {
			for _, element := range misses(read) {
				missing[element] = true
			}
		}
	}
	for _, read := range history {
		if read.Kind == listElements && read.Outcome == ok && !read.Final {
			if slices.ContainsFunc(misses(read), func(element string) bool { return !missing[element] }) {
				stale++
			}
		}
	}
	return len(missing), stale
}

func sortedKeys[Value any](values map[string]Value) []string {
	return slices.Sorted(maps.Keys(values))
}
