package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// verdict is the result of one recording.
type verdict struct {
	Seconds    float64 `json:"seconds"`
	Operations int     `json:"operations"`
	PerSecond  float64 `json:"perSecond"`
	// FailedAttempts counts operations whose first attempt failed; FailedOperations those whose retry failed too.
	FailedAttempts   int `json:"failedAttempts"`
	FailedOperations int `json:"failedOperations"`
	// Unknown counts attempts that may have had an effect although they got no answer.
	Unknown int `json:"unknown"`
	// LostWrites are acknowledged writes without any effect at the end; StaleReads returned an older state than one
	// that was acknowledged before they began.
	LostWrites int `json:"lostWrites"`
	StaleReads int `json:"staleReads"`
	// NotLinearizable are keys whose history no order of its operations explains. Undecided took too long to decide.
	NotLinearizable []string `json:"notLinearizable"`
	Undecided       []string `json:"undecided"`
	// LongestGap is the longest time between two successful operations, in milliseconds.
	LongestGap   int64   `json:"longestGap"`
	Registration counted `json:"registration"`
	// Failures has a line for each failed attempt.
	Failures []string `json:"failures"`
}

type counted struct {
	Operations       int `json:"operations"`
	FailedAttempts   int `json:"failedAttempts"`
	FailedOperations int `json:"failedOperations"`
}

// Per key. A history of some minutes takes milliseconds.
const checkTimeout = 60 * time.Second

func judge(attempts []attempt) verdict {
	var result verdict
	result.NotLinearizable, result.Undecided, result.Failures = []string{}, []string{}, []string{}
	byKey := map[string][]attempt{}
	var ends []int64
	for _, made := range attempts {
		if made.Outcome != ok {
			result.Failures = append(result.Failures, describe(made))
		}
		if made.Kind == registration {
			result.Registration.count(made)
			continue
		}
		byKey[made.Key] = append(byKey[made.Key], made)
		if made.Final {
			continue
		}
		var operations counted
		operations.count(made)
		result.Operations += operations.Operations
		result.FailedAttempts += operations.FailedAttempts
		result.FailedOperations += operations.FailedOperations
		if made.Outcome == unknown {
			result.Unknown++
		}
		if made.Outcome == ok {
			ends = append(ends, made.End)
		}
	}
	slices.Sort(ends)
	for before, end := int64(0), 0; end < len(ends); end++ {
		result.LongestGap = max(result.LongestGap, (ends[end]-before)/int64(time.Millisecond))
		before = ends[end]
	}
	if len(ends) > 0 {
		result.Seconds = float64(ends[len(ends)-1]) / float64(time.Second)
		result.PerSecond = float64(result.Operations) / result.Seconds
	}
	for _, key := range sortedKeys(byKey) {
		history := byKey[key]
		model, lostAndStale := registerModel, lostAndStaleInRegister
		if isSet(history) {
			model, lostAndStale = setModel, lostAndStaleInSet
		}
		lost, stale := lostAndStale(history)
		result.LostWrites += lost
		result.StaleReads += stale
		switch porcupine.CheckOperationsTimeout(model, operationsOf(history), checkTimeout) {
		case porcupine.Illegal:
			result.NotLinearizable = append(result.NotLinearizable, key)
		case porcupine.Unknown:
			result.Undecided = append(result.Undecided, key)
		}
	}
	return result
}

// count counts an operation at its first attempt, and its failure at each.
func (c *counted) count(made attempt) {
	if !made.Retry {
		c.Operations++
		if made.Outcome != ok {
			c.FailedAttempts++
		}
	} else if made.Outcome != ok {
		c.FailedOperations++
	}
}

func describe(made attempt) string {
	what := strings.TrimSpace(strings.Join([]string{made.Kind, made.Key}, " "))
	if made.Retry {
		what += ", retry"
	}
	return strings.TrimSpace(fmt.Sprintf("%.1f s, %d ms, %s: %s %s", float64(made.Start)/1e9, (made.End-made.Start)/1e6, what, made.Error, made.Holder))
}

// operationsOf is the history as porcupine takes it. A write of unknown outcome may take effect at any time after its
// start, so it never returns. A failed attempt and a read without an answer say nothing.
func operationsOf(history []attempt) []porcupine.Operation {
	var operations []porcupine.Operation
	for _, made := range history {
		writes := made.Kind == writeRegister || made.Kind == addElement
		end := made.End
		if made.Outcome == unknown && writes {
			end = math.MaxInt64
		} else if made.Outcome != ok {
			continue
		}
		operations = append(operations, porcupine.Operation{
			ClientId: made.Client,
			Input:    input{made.Kind, made.Value},
			Output:   output{made.Value, strings.Join(made.Values, " ")},
			Call:     made.Start,
			Return:   end,
		})
	}
	return operations
}

type input struct{ kind, value string }

// output is what was read. The elements of a set are sorted, with spaces between them.
type output struct{ value, elements string }

var registerModel = porcupine.Model{
	Init: func() any { return initial },
	Step: func(state, in, out any) (bool, any) {
		if in.(input).kind == writeRegister {
			return true, in.(input).value
		}
		return out.(output).value == state.(string), state
	},
}

var setModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, in, out any) (bool, any) {
		if in.(input).kind == listElements {
			return out.(output).elements == state.(string), state
		}
		elements := strings.Fields(state.(string))
		// A retry adds the element of its first attempt.
		if at, found := slices.BinarySearch(elements, in.(input).value); !found {
			elements = slices.Insert(elements, at, in.(input).value)
		}
		return true, strings.Join(elements, " ")
	},
}
