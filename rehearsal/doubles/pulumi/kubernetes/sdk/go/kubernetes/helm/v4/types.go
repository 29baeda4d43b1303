// Package v4 replaces a package of Pulumi's Kubernetes SDK for Go: see ../../../../../README.md.
package v4

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

type (
	// RepositoryOptsInput is an input of the component resource Chart.
	RepositoryOptsInput = pulumi.Input
	// PostRendererInput is an input of the component resource Chart.
	PostRendererInput = pulumi.Input
)

// RepositoryOpts say where a chart is and how to download it. A nil field is unset.
type RepositoryOpts struct {
	CaFile   pulumi.AssetOrArchive
	CertFile pulumi.AssetOrArchive
	KeyFile  pulumi.AssetOrArchive
	Password *string
	Repo     *string
	Username *string
}

// PostRenderer is a program that changes what a chart renders.
type PostRenderer struct {
	Command string
	Args    []string
}
