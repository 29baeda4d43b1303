import { expect, test } from "vitest";
import { OneAtATime } from "../../../../components/cluster/one-at-a-time.ts";

test("a task begins when the one before has ended", async () => {
	const queue = new OneAtATime();
	const said: string[] = [];
	const task = (name: string) => async () => {
		said.push(`${name} begins`);
		await new Promise((resolve) => setTimeout(resolve, 1));
		said.push(`${name} ends`);
	};
	await Promise.all([queue.run(task("one")), queue.run(task("another"))]);
	expect(said).toEqual(["one begins", "one ends", "another begins", "another ends"]);
});

test("no task begins after one that failed, and each ends with its error", async () => {
	const queue = new OneAtATime();
	const failed = queue.run(() => Promise.reject(new Error("proj-k8sw02 does not work")));
	let began = false;
	const later = queue.run(async () => {
		began = true;
	});
	await expect(failed).rejects.toThrow("proj-k8sw02 does not work");
	await expect(later).rejects.toThrow("proj-k8sw02 does not work");
	expect(began).toBe(false);
});
