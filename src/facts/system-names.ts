/**
 * Names of accounts and groups that a stock Ubuntu or Debian cloud image has, or that RKE2 needs. Cloud-init creates no
 * account with such a name: `useradd` fails when a group of the same name exists, and an existing account stays as it is.
 */
export const systemNames: ReadonlySet<string> = new Set([
	// The script 025-create-groups of Canonical's cloud images (livecd-rootfs, live-build/ubuntu-cpc).
	...["admin", "netdev", "lxd"],
	// group.master and passwd.master of base-passwd.
	...["root", "daemon", "bin", "sys", "adm", "tty", "disk", "lp", "mail", "news", "uucp", "man", "proxy", "kmem"],
	...["dialout", "fax", "voice", "cdrom", "floppy", "tape", "sudo", "audio", "dip", "www-data", "backup", "operator"],
	...["list", "irc", "src", "shadow", "utmp", "video", "sasl", "plugdev", "staff", "games", "users", "nogroup"],
	...["sync", "_apt", "nobody"],
	// Accounts and groups of further packages in such an image.
	...["crontab", "input", "kvm", "messagebus", "polkitd", "render", "sgx", "sshd", "_ssh", "syslog", "systemd-journal"],
	...["systemd-network", "systemd-resolve", "systemd-timesync", "tcpdump", "tss", "uuidd", "landscape", "pollinate"],
	...["dhcpcd", "fwupd-refresh"],
	// The CIS profile runs etcd with this account.
	"etcd",
]);
