/** The publishers' repositories of the charts that the platform is made of, by the chart's name. */
export const chartRepositories = {
	traefik: "https://traefik.github.io/charts",
	"cert-manager": "https://charts.jetstack.io",
	metallb: "https://metallb.github.io/metallb",
	"gpu-operator": "https://helm.ngc.nvidia.com/nvidia",
} as const;
