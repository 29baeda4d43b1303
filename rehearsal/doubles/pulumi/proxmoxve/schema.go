package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/x/muxer"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/metadata"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// The plugin's answer to GetSchema, in JSON.
func packageSchema(provider tfbridge.ProviderInfo) ([]byte, error) {
	generated, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo: provider,
		// Discards warnings about documentation, which is not part of the schema.
		DiagnosticsSink: diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never}),
		// Without this option the generator looks for the provider's documentation in Go's module cache.
		XInMemoryDocs: true,
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(generated.PackageSpec)
}

// Writes into the metadata, which the bridge reads, which half of the provider owns each type.
func assignOwners(provider tfbridge.ProviderInfo) error {
	halves, ok := provider.P.(interface {
		ResolveDispatch(*tfbridge.ProviderInfo) (muxer.DispatchTable, error)
	})
	if !ok {
		return fmt.Errorf("%T is not a provider of two halves", provider.P)
	}
	owners, err := halves.ResolveDispatch(&provider)
	if err != nil {
		return err
	}
	return metadata.Set(provider.GetMetadata(), "mux", owners)
}
