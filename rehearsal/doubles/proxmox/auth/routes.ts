import type { Route } from "../server/router.ts";

/** A token may always read its own privileges (pve-access-control 9.1, PVE/API2/AccessControl.pm). */
export const permissionRoutes: Route[] = [
	{
		method: "GET",
		path: "/access/permissions",
		handle({ access, parameters }) {
			const path = parameters.required("path");
			return { [path]: access.permissions(path) };
		},
	},
];
