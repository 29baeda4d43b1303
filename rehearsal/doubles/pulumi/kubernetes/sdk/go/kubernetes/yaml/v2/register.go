// Package v2 replaces a package of Pulumi's Kubernetes SDK for Go: see ../../../../../README.md.
package v2

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// RegisterResource always fails. The provider calls it for each object of a component resource, and for nothing else.
func RegisterResource(
	_ *pulumi.Context, apiVersion, kind, name string, _ kubernetes.UntypedArgs, _ ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	return nil, fmt.Errorf("the %s %q of %s belongs to a component resource of the Kubernetes package "+
		"(yaml/v2, kustomize/v2 or helm.sh/v4), which the rehearsal's build of this plugin leaves out: declare a "+
		"helm.sh/v3 Release or single resources, or install the official plugin", kind, name, apiVersion)
}
