/** What kube-vip reads from its environment. Times in seconds. */
export interface VipSettings {
	/** Who competes for the lease. */
	nodeName: string;
	address: string;
	/** Interface; that of the default route where it is not named. */
	device?: string;
	namespace: string;
	leaseName: string;
	leaseDuration: number;
	renewDeadline: number;
	retryPeriod: number;
}

/** What the kubelet gives its container besides: where the API is, and the token of the pod's account. */
export interface ContainerSettings extends VipSettings {
	/** `https://<host>:<port>` */
	server: string;
	ca: string;
	token: string;
}
