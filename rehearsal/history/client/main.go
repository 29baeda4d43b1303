// A client of the API that writes and reads while servers change, and the checker of what it saw.
//
//	client-history record FILE    works on the API until standard input ends, and writes each attempt to FILE
//	client-history check FILE     prints the verdict on such a file as JSON
//
// `record` gets the address and the credentials as one line of JSON on standard input, so that they are neither among
// the arguments nor in a file. It prints `recording` when its objects exist.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "client-history:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("usage: client-history record|check FILE")
	}
	switch command, file := arguments[0], arguments[1]; command {
	case "record":
		return recordTo(file)
	case "check":
		attempts, err := readHistory(file)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(judge(attempts))
	default:
		return fmt.Errorf("there is no command %s; use record or check", command)
	}
}

func recordTo(file string) error {
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the address and the credentials did not arrive on standard input: %w", err)
	}
	var access access
	if err := json.Unmarshal(line, &access); err != nil {
		return fmt.Errorf("the first line of standard input is no JSON: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, input)
		close(ended)
	}()
	attempts, err := record(access, ended, func() { fmt.Println("recording") })
	if err != nil {
		return err
	}
	return writeHistory(file, attempts)
}
