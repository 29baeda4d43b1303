// Package kubernetes replaces a package of Pulumi's Kubernetes SDK for Go: see ../../../README.md.
package kubernetes

// UntypedArgs are the properties of an object of any kind.
type UntypedArgs map[string]any
