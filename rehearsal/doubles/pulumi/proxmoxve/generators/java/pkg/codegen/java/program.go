// Package java replaces Pulumi's generator of Java, which the bridge links: see README.md of the plugin.
package java

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
)

// GenerateProgram generates nothing. The plugin converts no example into Java.
func GenerateProgram(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error) {
	return nil, nil, errors.New("this plugin generates no Java")
}
