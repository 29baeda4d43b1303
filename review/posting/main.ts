/**
 * `node review/posting/main.ts FILE`, in the job that holds the posting token. If there is no FILE, the comment says so. The job runs the code of the main branch, and needs
 * no package. FORGE, API, PROJECT, NUMBER, COMMIT and POSTING_TOKEN are in its environment.
 */
import { existsSync, readFileSync } from "node:fs";
import { postReview } from "./post.ts";

const names = ["FORGE", "API", "PROJECT", "NUMBER", "COMMIT", "POSTING_TOKEN"] as const;
const missing = names.filter((name) => !process.env[name]);
const [file, ...others] = process.argv.slice(2);

if (file === undefined || others.length > 0 || missing.length > 0) {
	console.error(
		missing.length > 0
			? `${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} missing in the environment.`
			: "Usage: node review/posting/main.ts FILE",
	);
	process.exitCode = 2;
} else {
	const [forge, api, project, number, commit, token] = names.map((name) => process.env[name]!) as [
		string,
		string,
		string,
		string,
		string,
		string,
	];
	try {
		const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
		console.log(await postReview(text, { forge, api, project, number, commit, token }));
	} catch (error) {
		console.error((error as Error).message);
		process.exitCode = 1;
	}
}
