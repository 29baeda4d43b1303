// Snapshot-tools does for the double of RKE2 what RKE2 itself does with two libraries: it is a client of an S3 store
// (minio-go), and it reads a schedule (robfig/cron). k3s has both in pkg/etcd.
//
//	snapshot-tools next SCHEDULE     prints the time of the next snapshot
//	snapshot-tools check             ends with an error if the store does not have the bucket
//	snapshot-tools put FILE KEY
//	snapshot-tools get KEY FILE
//	snapshot-tools list PREFIX       prints one object a line as JSON
//	snapshot-tools remove KEY
//
// All but the first read the store from standard input, as JSON with the keys of config.yaml.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 2 && arguments[0] == "next" {
		schedule, err := cron.ParseStandard(arguments[1])
		if err != nil {
			return err
		}
		fmt.Println(schedule.Next(time.Now()).Format(time.RFC3339))
		return nil
	}
	var settings settings
	if err := json.NewDecoder(os.Stdin).Decode(&settings); err != nil {
		return fmt.Errorf("no store on standard input: %w", err)
	}
	return act(settings, arguments)
}

var errUsage = errors.New("usage: snapshot-tools next|check|put|get|list|remove")
