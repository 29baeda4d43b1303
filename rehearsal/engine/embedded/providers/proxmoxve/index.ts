import { configOnly, type ResourceTypes } from "../../resource-type.ts";
import { providerInputs } from "./client.ts";
import { downloadFile } from "./download-file.ts";
import { firewallOptions, firewallRules, firewallSet } from "./firewall.ts";
import { pciMapping } from "./pci-mapping.ts";
import { virtualMachine } from "./vm.ts";

export const proxmoxve: ResourceTypes = {
	"pulumi:providers:proxmoxve": configOnly(providerInputs, []),
	"proxmoxve:download/file:File": downloadFile,
	"proxmoxve:firewall/ipsetLegacy:IpsetLegacy": firewallSet,
	"proxmoxve:firewall/optionsLegacy:OptionsLegacy": firewallOptions,
	"proxmoxve:firewall/rulesLegacy:RulesLegacy": firewallRules,
	"proxmoxve:hardware/mapping/pci:Pci": pciMapping,
	"proxmoxve:index/vmLegacy:VmLegacy": virtualMachine,
};
