/** Settings in kube-vip's environment. Times are in seconds. */
export interface VipSettings {
	/** Identity of the competitor for the lease. */
	nodeName: string;
	address: string;
	/** Network interface. Default: that of the default route. */
	device?: string;
	namespace: string;
	leaseName: string;
	leaseDuration: number;
	renewDeadline: number;
	retryPeriod: number;
}

/** With the data that the kubelet gives the container: the address of the API, and the token of the pod's ServiceAccount. */
export interface ContainerSettings extends VipSettings {
	/** `https://<host>:<port>` */
	server: string;
	ca: string;
	token: string;
}
