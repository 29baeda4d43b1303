import { expect, test } from "vitest";
import { signedAddress } from "../../../../src/rke2/signed-address.ts";

/** The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const example = {
	key: {
		accessKey: "AKIAIOSFODNN7EXAMPLE",
		secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		region: "us-east-1",
	},
	request: {
		origin: "https://examplebucket.s3.amazonaws.com",
		path: "test.txt",
		at: new Date("2013-05-24T00:00:00Z"),
		seconds: 86_400,
	},
};

test("an address has the signature that the documentation of S3 computes", () => {
	expect(signedAddress(example.key, example.request)).toBe(
		"https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
	);
});
