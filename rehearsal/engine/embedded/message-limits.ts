import type { ChannelOptions } from "@grpc/grpc-js";

/** A resource of a big program outgrows gRPC's default of 4 MiB; the CLI allows 400 MiB. */
export const MESSAGE_LIMITS: ChannelOptions = {
	"grpc.max_receive_message_length": 400 << 20,
	"grpc.max_send_message_length": 400 << 20,
};
