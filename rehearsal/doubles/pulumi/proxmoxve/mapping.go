package main

import (
	"context"

	"github.com/bpg/terraform-provider-proxmox/fwprovider"
	"github.com/bpg/terraform-provider-proxmox/proxmoxtf/provider"
	pfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

const packageName = "proxmoxve"

// Version of the npm package that defines the tokens below. The linker sets it.
var version string

// Terraform's names of the types that the program declares, and their tokens in the npm package. The plugin knows no other
// type: a new type needs a line here.
var resourceTokens = map[string]tokens.Type{
	"proxmox_backup_job":                           "proxmoxve:backup/job:Job",
	"proxmox_download_file":                        "proxmoxve:download/file:File",
	"proxmox_hardware_mapping_pci":                 "proxmoxve:hardware/mapping/pci:Pci",
	"proxmox_haresource":                           "proxmoxve:index/haresource:Haresource",
	"proxmox_harule":                               "proxmoxve:index/harule:Harule",
	"proxmox_pool_membership":                      "proxmoxve:pool/membership:Membership",
	"proxmox_virtual_environment_firewall_ipset":   "proxmoxve:firewall/ipsetLegacy:IpsetLegacy",
	"proxmox_virtual_environment_firewall_options": "proxmoxve:firewall/optionsLegacy:OptionsLegacy",
	"proxmox_virtual_environment_firewall_rules":   "proxmoxve:firewall/rulesLegacy:RulesLegacy",
	"proxmox_virtual_environment_pool":             "proxmoxve:index/poolLegacy:PoolLegacy",
	"proxmox_virtual_environment_vm":               "proxmoxve:index/vmLegacy:VmLegacy",
}

// The provider has two halves, one on each of Terraform's libraries for providers. If both have a type, the bridge uses the first half.
func bridgedProvider(ctx context.Context) tfbridge.ProviderInfo {
	halves := pfbridge.MuxShimWithPF(
		ctx,
		sdkv2.NewProvider(provider.ProxmoxVirtualEnvironment()),
		fwprovider.New(version)(),
	)
	info := tfbridge.ProviderInfo{
		P:              halves,
		Name:           packageName,
		ResourcePrefix: "proxmox",
		Version:        version,
		Resources:      map[string]*tfbridge.ResourceInfo{},
		IgnoreMappings: append(names(halves.ResourcesMap()), names(halves.DataSourcesMap())...),
		MetadataInfo:   tfbridge.NewProviderMetadata(nil),
	}
	for name, token := range resourceTokens {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: token}
	}
	nameByInput(info.Resources["proxmox_backup_job"])
	// The npm package's own plugin does the same: a resource without a name gets its name in Pulumi with a random suffix.
	info.SetAutonaming(255, "-")
	return info
}

// For a resource whose creator chooses its id. In Pulumi `id` is an output only, so the npm package names the input
// resourceId. The official plugin looked for the id under its old name and panicked: muhlba91/pulumi-proxmoxve#1022.
func nameByInput(resource *tfbridge.ResourceInfo) {
	const input = "resourceId"
	resource.Fields = map[string]*tfbridge.SchemaInfo{"id": {Name: input}}
	resource.ComputeID = tfbridge.DelegateIDField(input, packageName, "this repository")
}

// The bridge reports a type that is neither mapped nor ignored as a mistake. It maps a type that is both.
func names(resources shim.ResourceMap) []string {
	var all []string
	resources.Range(func(name string, _ shim.Resource) bool {
		all = append(all, name)
		return true
	})
	return all
}
