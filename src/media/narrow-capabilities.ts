/**
 * Of what a peer can receive, what matters for one producer. mediasoup copies and checks the
 * capabilities whole each time a consumer is made; in a large room that was a sixth of all that joining costs.
 */
import type { types as mediasoup } from 'mediasoup';

type Sent = Pick<mediasoup.Producer, 'kind' | 'rtpParameters'>;

export class NarrowCapabilities {
  readonly #whole: mediasoup.RtpCapabilities;
  readonly #byCodecs = new Map<string, mediasoup.RtpCapabilities>();

  constructor(whole: mediasoup.RtpCapabilities) {
    this.#whole = whole;
  }

  for(producer: Sent): mediasoup.RtpCapabilities {
    const mimeTypes = mimeTypesOf(producer);
    const known = this.#byCodecs.get(mimeTypes.join());
    if (known) return known;
    const narrow = narrowed(this.#whole, producer.kind, mimeTypes);
    this.#byCodecs.set(mimeTypes.join(), narrow);
    return narrow;
  }
}

/** mediasoup copies parameters whenever somebody looks at them. */
const mimeTypes = new WeakMap<Sent, readonly string[]>();

function mimeTypesOf(producer: Sent): readonly string[] {
  const known = mimeTypes.get(producer);
  if (known) return known;
  const found = producer.rtpParameters.codecs.map(({ mimeType }) => mimeType.toLowerCase());
  mimeTypes.set(producer, found);
  return found;
}

/** The codecs themselves, and the ways to repair them: each RTX names its codec (RFC 4588 section 8.1). */
function narrowed(
  { codecs = [], headerExtensions = [] }: mediasoup.RtpCapabilities,
  kind: mediasoup.MediaKind,
  mimeTypes: readonly string[],
): mediasoup.RtpCapabilities {
  const media = codecs.filter(({ mimeType }) => mimeTypes.includes(mimeType.toLowerCase()) && !isRepair(mimeType));
  const payloadTypes = new Set<unknown>(media.map(({ preferredPayloadType }) => preferredPayloadType));
  const repairs = codecs.filter(({ mimeType, parameters }) => isRepair(mimeType) && payloadTypes.has(parameters?.apt));
  return {
    codecs: [...media, ...repairs],
    headerExtensions: headerExtensions.filter((extension) => extension.kind === kind || extension.kind === undefined),
  };
}

function isRepair(mimeType: string): boolean {
  return /\/rtx$/i.test(mimeType);
}
