// The Kubernetes plugin of Pulumi: its publisher's own provider, started by a main function of ours.
//
// The publisher's main function cannot be built from the published module. It embeds two files that only the
// publisher's Makefile makes: schema-embed.json and terraform-mapping-embed.json.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

// The set-up copies both files from the module to this folder before the build. Neither file is part of this repository.
var (
	//go:embed schema.json
	schema []byte
	//go:embed terraform-mapping.json
	terraformMapping []byte
)

// The linker sets version.Version, which the provider also states to the API server as its user agent.
func main() {
	provider.Serve("kubernetes", version.Version, withVersion(schema), terraformMapping)
}

// The published schema lacks the version, which the publisher's Makefile adds. The file begins with a brace. The
// program does not parse it: it has 7 MB, and parsing would slow every start of the plugin.
func withVersion(schema []byte) []byte {
	return append([]byte(`{"version": "`+version.Version+`",`), schema[1:]...)
}
