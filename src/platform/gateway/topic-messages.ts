/**
 * What gateways tell each other over the bus: one byte for the kind, the sender's id (36 ASCII
 * characters), and the rest: an encoded ServerFrame, which receivers pass on as it is, or the
 * name of a topic that has ended.
 */
export type NodeMessage =
  | { readonly kind: 'event'; readonly origin: string; readonly frame: Uint8Array }
  | { readonly kind: 'dropped'; readonly origin: string; readonly topic: string };

const eventKind = 1;
const droppedKind = 2;
const originLength = 36;
const headLength = 1 + originLength;

export function writeEvent(origin: string, frame: Uint8Array): Uint8Array {
  return Buffer.concat([head(eventKind, origin), frame]);
}

export function writeDropped(origin: string, topic: string): Uint8Array {
  return Buffer.concat([head(droppedKind, origin), Buffer.from(topic)]);
}

/** Null: not a message of ours. */
export function readNodeMessage(bytes: Uint8Array): NodeMessage | null {
  if (bytes.length <= headLength) return null;
  const origin = Buffer.from(bytes.subarray(1, headLength)).toString('latin1');
  const rest = bytes.subarray(headLength);
  if (bytes[0] === eventKind) return { kind: 'event', origin, frame: rest };
  if (bytes[0] === droppedKind) return { kind: 'dropped', origin, topic: Buffer.from(rest).toString() };
  return null;
}

function head(kind: number, origin: string): Buffer {
  return Buffer.concat([Buffer.from([kind]), Buffer.from(origin, 'latin1')]);
}
