package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// What an attempt does. The first four work on the API; the last asks a server whether it registers nodes.
const (
	writeRegister = "write"
	readRegister  = "read"
	addElement    = "add"
	listElements  = "list"
	registration  = "registration"
)

const (
	ok = "ok"
	// Certainly without effect: the request never left this machine, or the API refused it.
	failed = "failed"
	// The request may have had its effect, or may have it later.
	unknown = "unknown"
)

// attempt is one request and its outcome. The retry of an operation is an attempt of its own, because the first attempt
// may take effect after it.
type attempt struct {
	// Operation has the same number in all its attempts.
	Operation int    `json:"operation"`
	Retry     bool   `json:"retry,omitempty"`
	Client    int    `json:"client"`
	Kind      string `json:"kind"`
	// Key is the name of the register or of the set.
	Key string `json:"key,omitempty"`
	// Value was written, read or added.
	Value string `json:"value,omitempty"`
	// Values are the elements of a listed set.
	Values []string `json:"values,omitempty"`
	// Start and End are nanoseconds since the recording began.
	Start   int64  `json:"start"`
	End     int64  `json:"end"`
	Outcome string `json:"outcome"`
	// Final is true for the reads after all other operations have ended.
	Final bool   `json:"final,omitempty"`
	Error string `json:"error,omitempty"`
	// Holder is the MAC address behind the API's address when the attempt failed.
	Holder string `json:"holder,omitempty"`
}

func writeHistory(file string, attempts []attempt) error {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	buffer := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffer)
	for _, attempt := range attempts {
		if err := encoder.Encode(attempt); err != nil {
			return err
		}
	}
	return buffer.Flush()
}

func readHistory(file string) ([]attempt, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var attempts []attempt
	for decoder := json.NewDecoder(in); decoder.More(); {
		var next attempt
		if err := decoder.Decode(&next); err != nil {
			return nil, fmt.Errorf("attempt %d of %s: %w", len(attempts)+1, file, err)
		}
		attempts = append(attempts, next)
	}
	if len(attempts) == 0 {
		return nil, fmt.Errorf("%s has no attempts", file)
	}
	return attempts, nil
}
