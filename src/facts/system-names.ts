/**
 * Names of accounts and groups that a stock Ubuntu or Debian cloud image has from the start, or that RKE2 needs. Cloud-init
 * makes no account of such a name: `useradd` wants to make a group of the same name and refuses where there is one, and an
 * account that is there already stays what it is.
 */
export const systemNames: ReadonlySet<string> = new Set([
	// The script 025-create-groups of Canonical's cloud images (livecd-rootfs, live-build/ubuntu-cpc).
	...["admin", "netdev", "lxd"],
	// group.master and passwd.master of base-passwd.
	...["root", "daemon", "bin", "sys", "adm", "tty", "disk", "lp", "mail", "news", "uucp", "man", "proxy", "kmem"],
	...["dialout", "fax", "voice", "cdrom", "floppy", "tape", "sudo", "audio", "dip", "www-data", "backup", "operator"],
	...["list", "irc", "src", "shadow", "utmp", "video", "sasl", "plugdev", "staff", "games", "users", "nogroup"],
	...["sync", "_apt", "nobody"],
	// What the packages of such an image add.
	...["crontab", "input", "kvm", "messagebus", "polkitd", "render", "sgx", "sshd", "_ssh", "syslog", "systemd-journal"],
	...["systemd-network", "systemd-resolve", "systemd-timesync", "tcpdump", "tss", "uuidd", "landscape", "pollinate"],
	...["dhcpcd", "fwupd-refresh"],
	// Whom the CIS profile runs etcd as.
	"etcd",
]);
