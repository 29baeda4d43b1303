import { configOnly, type ResourceTypes } from "../../resource-type.ts";
import { backupJob } from "./backup-job.ts";
import { providerInputs } from "./client.ts";
import { downloadFile } from "./download-file.ts";
import { firewallOptions, firewallRules, firewallSet } from "./firewall.ts";
import { haResource, haRule } from "./high-availability.ts";
import { pciMapping } from "./pci-mapping.ts";
import { pool, poolMembership } from "./pool.ts";
import { virtualMachine } from "./vm.ts";

export const proxmoxve: ResourceTypes = {
	"pulumi:providers:proxmoxve": configOnly(providerInputs, []),
	"proxmoxve:backup/job:Job": backupJob,
	"proxmoxve:download/file:File": downloadFile,
	"proxmoxve:firewall/ipsetLegacy:IpsetLegacy": firewallSet,
	"proxmoxve:firewall/optionsLegacy:OptionsLegacy": firewallOptions,
	"proxmoxve:firewall/rulesLegacy:RulesLegacy": firewallRules,
	"proxmoxve:hardware/mapping/pci:Pci": pciMapping,
	"proxmoxve:index/haresource:Haresource": haResource,
	"proxmoxve:index/harule:Harule": haRule,
	"proxmoxve:index/poolLegacy:PoolLegacy": pool,
	"proxmoxve:index/vmLegacy:VmLegacy": virtualMachine,
	"proxmoxve:pool/membership:Membership": poolMembership,
};
