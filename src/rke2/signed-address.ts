/**
 * Addresses that let their holder read one object of an S3 store for some time, without the store's credentials.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { createHash, createHmac } from "node:crypto";

export interface SigningKey {
	accessKey: string;
	secretKey: string;
	region: string;
}

export interface SignedRequest {
	/** `https://s3.internal:9000` */
	origin: string;
	/** Path without its slash at the start. Its segments are encoded here. */
	path: string;
	query?: Readonly<Record<string, string>>;
	/** From this time on the address is good. */
	at: Date;
	/** For so long. S3 allows a week. */
	seconds: number;
}

const algorithm = "AWS4-HMAC-SHA256";

/** An address for GET, signed as AWS Signature Version 4 says. */
export function signedAddress({ accessKey, secretKey, region }: SigningKey, request: SignedRequest): string {
	const { origin, path, query = {}, at, seconds } = request;
	const time = at.toISOString().replace(/[-:]|\.\d+/g, "");
	const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
	const parameters = Object.entries({
		...query,
		"X-Amz-Algorithm": algorithm,
		"X-Amz-Credential": `${accessKey}/${scope}`,
		"X-Amz-Date": time,
		"X-Amz-Expires": `${seconds}`,
		"X-Amz-SignedHeaders": "host",
	})
		.map(([name, value]) => `${encode(name)}=${encode(value)}`)
		.sort()
		.join("&");
	const canonicalPath = `/${path.split("/").map(encode).join("/")}`;
	const canonical = ["GET", canonicalPath, parameters, `host:${new URL(origin).host}`, "", "host", "UNSIGNED-PAYLOAD"];
	const text = [algorithm, time, scope, createHash("sha256").update(canonical.join("\n")).digest("hex")].join("\n");
	const key = scope.split("/").reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretKey}`);
	return `${origin}${canonicalPath}?${parameters}&X-Amz-Signature=${hmac(key, text).toString("hex")}`;
}

function hmac(key: string | Buffer, text: string): Buffer {
	return createHmac("sha256", key).update(text).digest();
}

/** Every character but the unreserved ones of RFC 3986. */
function encode(text: string): string {
	return encodeURIComponent(text).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}
