// The Proxmox plugin of Pulumi: the provider of bpg for Terraform, bridged under the tokens of @muhlba91/pulumi-proxmoxve.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

func main() {
	if err := serve(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A main function of the bridge usually embeds a schema and metadata, which a second program generates before the build.
// This main function generates both at its start, which takes 20 ms for the few types of the table. No file can be stale.
func serve(ctx context.Context) error {
	provider := bridgedProvider(ctx)
	schema, err := packageSchema(provider)
	if err != nil {
		return fmt.Errorf("schema of the plugin: %w", err)
	}
	if err := assignOwners(provider); err != nil {
		return fmt.Errorf("owners of the resource types: %w", err)
	}
	tfbridge.MainWithMuxer(ctx, packageName, provider, schema)
	return nil
}
