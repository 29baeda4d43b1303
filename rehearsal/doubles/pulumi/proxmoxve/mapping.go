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

// Version of the npm package whose tokens these are. The linker sets it.
var version string

// Terraform's names of the types that the program declares, and their tokens in the npm package. Any other type is unknown
// to this plugin: a new one needs a line here.
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

// The provider has two halves, one on each of Terraform's libraries for providers. Where both know a type, the first counts.
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
	// As the npm package's own plugin: a resource without a name gets the one in Pulumi, and a random end.
	info.SetAutonaming(255, "-")
	return info
}

// For a resource that is created under an id of its own. In Pulumi `id` is an output only, so that the npm package calls the
// input resourceId. The official plugin looked for the id under its old name and panicked: muhlba91/pulumi-proxmoxve#1022.
func nameByInput(resource *tfbridge.ResourceInfo) {
	const input = "resourceId"
	resource.Fields = map[string]*tfbridge.SchemaInfo{"id": {Name: input}}
	resource.ComputeID = tfbridge.DelegateIDField(input, packageName, "this repository")
}

// The bridge takes a type that is neither mapped nor ignored for a mistake. One that is both is mapped.
func names(resources shim.ResourceMap) []string {
	var all []string
	resources.Range(func(name string, _ shim.Resource) bool {
		all = append(all, name)
		return true
	})
	return all
}
