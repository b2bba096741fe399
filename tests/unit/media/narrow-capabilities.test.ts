import { type types as mediasoup, ortc } from 'mediasoup';
import { describe, expect, it } from 'vitest';
import { mediaCodecs, routerCapabilities } from '../../../src/media/codecs.js';
import { NarrowCapabilities } from '../../../src/media/narrow-capabilities.js';

/** A producer of one codec, as far as its looks go. */
function producerOf(mimeType: string): Pick<mediasoup.Producer, 'kind' | 'rtpParameters'> {
  return {
    kind: mimeType.startsWith('audio') ? 'audio' : 'video',
    rtpParameters: { codecs: [{ mimeType, payloadType: 100, clockRate: 90_000 }] },
  };
}

function consumable(mimeType: string): mediasoup.RtpParameters {
  const kind = mimeType.startsWith('audio') ? 'audio' : 'video';
  const capabilities = routerCapabilities();
  const codec = capabilities.codecs?.find((one) => one.mimeType === mimeType);
  const parameters: mediasoup.RtpParameters = {
    codecs: [
      {
        mimeType,
        payloadType: codec?.preferredPayloadType ?? 0,
        clockRate: codec?.clockRate ?? 0,
        ...(codec?.channels !== undefined && { channels: codec.channels }),
        parameters: codec?.parameters ?? {},
        rtcpFeedback: codec?.rtcpFeedback ?? [],
      },
    ],
    headerExtensions: [],
    encodings: [{ ssrc: 1 }],
    rtcp: { cname: 'c' },
  };
  const mapping = ortc.getProducerRtpParametersMapping(parameters, capabilities);
  return ortc.getConsumableRtpParameters(kind, parameters, capabilities, mapping);
}

describe('What matters of a peer’s capabilities for one producer', () => {
  const whole = routerCapabilities();
  const narrow = new NarrowCapabilities(whole);

  it.each(mediaCodecs.map(({ mimeType }) => mimeType))('gives the consumer of %s the same parameters as the whole', (mimeType) => {
    const less = narrow.for(producerOf(mimeType));
    const parameters = (rtpCapabilities: mediasoup.RtpCapabilities) =>
      ortc.getConsumerRtpParameters({
        consumableRtpParameters: consumable(mimeType),
        remoteRtpCapabilities: rtpCapabilities,
        pipe: false,
        enableRtx: true,
      });
    const { encodings: _, ...expected } = parameters(whole);
    expect(parameters(less)).toMatchObject(expected);
    expect(less.codecs?.length).toBeLessThanOrEqual(2);
  });

  it('is found once for all producers of one codec', () => {
    expect(narrow.for(producerOf('video/VP8'))).toBe(narrow.for(producerOf('video/VP8')));
  });

  it('is nothing where the peer does not know the codec', () => {
    const deaf = new NarrowCapabilities({ codecs: whole.codecs?.filter(({ kind }) => kind === 'video') ?? [] });
    expect(deaf.for(producerOf('audio/opus'))).toEqual({ codecs: [], headerExtensions: [] });
  });
});
