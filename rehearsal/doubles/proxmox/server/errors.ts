/** An error answer: the status, the reason phrase and, for status 400, a message for each wrong parameter. */
export class ApiError extends Error {
	override readonly name = "ApiError";
	readonly status: number;
	readonly fields: Record<string, string> | undefined;

	constructor(status: number, message: string, fields?: Record<string, string>) {
		super(message);
		this.status = status;
		this.fields = fields;
	}
}

/** Answers 500, as Proxmox does when its Perl code dies. */
export function die(message: string): never {
	throw new ApiError(500, message);
}

export function invalidParameters(fields: Record<string, string>): never {
	throw new ApiError(400, "Parameter verification failed.", fields);
}

export function permissionDenied(what?: string): never {
	throw new ApiError(403, what === undefined ? "Permission check failed" : `Permission check failed (${what})`);
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
