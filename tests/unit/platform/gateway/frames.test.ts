import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { CausewayError } from '../../../../src/platform/errors.js';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  frameLimits,
} from '../../../../src/platform/gateway/frames.js';

const refused = (bytes: Uint8Array) => {
  try {
    decodeClientFrame(bytes);
  } catch (error) {
    return error;
  }
  return null;
};

const expectRefused = (bytes: Uint8Array, field?: string) => {
  const error = refused(bytes);
  expect(error).toBeInstanceOf(CausewayError);
  expect(error).toMatchObject({ code: 'SOCKET_FRAME_INVALID', ...(field === undefined ? {} : { field }) });
};

/** Decoding gives a frame within the limits, or SOCKET_FRAME_INVALID; nothing else. */
const expectFrameOrRefusal = (bytes: Uint8Array) => {
  let message: ReturnType<typeof decodeClientFrame>;
  try {
    message = decodeClientFrame(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CausewayError);
    expect(error).toMatchObject({ code: 'SOCKET_FRAME_INVALID' });
    return;
  }
  if (message.kind === 'request') {
    expect(message.request.id).toBeGreaterThan(0);
    expect(message.request.id).toBeLessThanOrEqual(0xffff_ffff);
    expect(message.request.method.length).toBeGreaterThan(0);
    expect(message.request.method.length).toBeLessThanOrEqual(frameLimits.method);
    expect(message.request.payload).toBeInstanceOf(Uint8Array);
  } else {
    expect(message.hello.accessToken.length).toBeLessThanOrEqual(frameLimits.accessToken);
    expect(message.hello.resume?.seen?.length ?? 0).toBeLessThanOrEqual(frameLimits.seen);
  }
};

const text = (maxLength: number) => fc.string({ maxLength, unit: 'binary' });
const hello = fc.record({
  accessToken: text(200),
  language: text(20),
  client: text(20),
  resume: fc.option(
    fc.record({
      sessionId: text(40),
      secret: text(50),
      seen: fc.array(fc.record({ topic: text(40), number: fc.nat() }), { maxLength: 20 }),
    }),
    { nil: null },
  ),
});
const request = fc.record({
  id: fc.integer({ min: 1, max: 0xffff_ffff }),
  method: fc.string({ minLength: 1, maxLength: frameLimits.method }),
  payload: fc.uint8Array({ maxLength: 200 }),
});
const validFrame = fc.oneof(
  hello.map((body) => encodeClientFrame({ hello: body })),
  request.map((body) => encodeClientFrame({ request: body })),
);

describe('decoding a client frame', () => {
  it('gives a request back as it was sent', () => {
    fc.assert(
      fc.property(request, (body) => {
        const message = decodeClientFrame(encodeClientFrame({ request: body }));
        expect(message.kind).toBe('request');
        if (message.kind === 'request')
          expect({ ...message.request, payload: Uint8Array.from(message.request.payload) }).toMatchObject(body);
      }),
    );
  });

  it('gives a hello back as it was sent', () => {
    fc.assert(
      fc.property(hello, (body) => {
        const message = decodeClientFrame(encodeClientFrame({ hello: body }));
        expect(message.kind).toBe('hello');
        if (message.kind !== 'hello') return;
        expect(message.hello.accessToken).toBe(body.accessToken);
        expect(message.hello.resume?.seen?.map(({ topic, number }) => ({ topic, number }))).toEqual(body.resume?.seen);
      }),
    );
  });

  it('never throws anything but SOCKET_FRAME_INVALID for random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), expectFrameOrRefusal), { numRuns: 5_000 });
  });

  it('never throws anything else for random bytes that begin like a frame', () => {
    fc.assert(
      fc.property(fc.constantFrom(0x0a, 0x12), fc.uint8Array({ maxLength: 120 }), (tag, rest) => {
        expectFrameOrRefusal(Uint8Array.of(tag, rest.length, ...rest));
      }),
      { numRuns: 5_000 },
    );
  });

  it('never throws anything else for valid frames with flipped bits', () => {
    fc.assert(
      fc.property(
        validFrame,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 6 }),
        (bytes, flips) => {
          const broken = Uint8Array.from(bytes);
          for (const [place, bit] of flips) broken[place % broken.length] = (broken[place % broken.length] ?? 0) ^ (1 << bit);
          expectFrameOrRefusal(broken);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('never throws anything else for valid frames that are cut or joined', () => {
    fc.assert(
      fc.property(validFrame, validFrame, fc.nat(), (one, other, at) => {
        expectFrameOrRefusal(one.subarray(0, at % (one.length + 1)));
        expectFrameOrRefusal(Buffer.concat([one.subarray(0, at % (one.length + 1)), other]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a cut of a request at every place but the whole', () => {
    const bytes = encodeClientFrame({ request: { id: 300, method: 'MeetingService.Join', payload: new Uint8Array(200) } });
    for (let at = 0; at < bytes.length; at += 1) expectRefused(bytes.subarray(0, at));
  });

  it('does not recurse with groups that are nested as deep as a frame can be', () => {
    // Start-group tags of an unknown field, each within the other (wire type 3).
    expectRefused(new Uint8Array(262_144).fill(0x7b));
  });

  it('takes no longer for a frame that is full of unknown fields than for others, and finds the body in it', () => {
    const padding = Buffer.alloc(260_000);
    for (let at = 0; at < padding.length; at += 2) padding.set([0x78, 0x01], at);
    const bytes = Buffer.concat([padding, encodeClientFrame({ request: { id: 1, method: 'SessionService.Ping' } })]);
    expect(decodeClientFrame(bytes)).toMatchObject({ kind: 'request' });
  });

  it('refuses a frame without a body', () => {
    expectRefused(new Uint8Array(), 'body');
    expectRefused(Uint8Array.of(0x1a, 0x00), 'body');
  });

  it('refuses a request without id or method, or with a method that is too long', () => {
    expectRefused(encodeClientFrame({ request: { method: 'A.B' } }), 'request.id');
    expectRefused(encodeClientFrame({ request: { id: 1 } }), 'request.method');
    expectRefused(encodeClientFrame({ request: { id: 1, method: 'x'.repeat(65) } }), 'request.method');
  });

  it('refuses a hello whose parts are too long', () => {
    const seen = Array.from({ length: 257 }, () => ({ topic: 't', number: 1 }));
    expectRefused(encodeClientFrame({ hello: { accessToken: 'x'.repeat(8_193) } }), 'hello.access_token');
    expectRefused(encodeClientFrame({ hello: { language: 'x'.repeat(65) } }), 'hello.language');
    expectRefused(encodeClientFrame({ hello: { client: 'x'.repeat(257) } }), 'hello.client');
    expectRefused(encodeClientFrame({ hello: { resume: { sessionId: 'x'.repeat(65) } } }), 'hello.resume.session_id');
    expectRefused(encodeClientFrame({ hello: { resume: { secret: 'x'.repeat(129) } } }), 'hello.resume.secret');
    expectRefused(encodeClientFrame({ hello: { resume: { seen } } }), 'hello.resume.seen');
    expectRefused(encodeClientFrame({ hello: { resume: { seen: [{ topic: 'x'.repeat(129) }] } } }), 'hello.resume.seen.topic');
  });

  it('refuses a string that is not UTF-8', () => {
    // Request { id: 1, method: two bytes that no UTF-8 text has }
    expectRefused(Uint8Array.of(0x12, 0x06, 0x08, 0x01, 0x12, 0x02, 0xc3, 0x28));
    // The same with an encoded surrogate, which RFC 3629 section 3 forbids.
    expectRefused(Uint8Array.of(0x12, 0x07, 0x08, 0x01, 0x12, 0x03, 0xed, 0xa0, 0x80));
  });

  it('takes the last body where there are two, as proto3 says', () => {
    const bytes = Buffer.concat([
      encodeClientFrame({ hello: { accessToken: 'x' } }),
      encodeClientFrame({ request: { id: 1, method: 'A.B' } }),
    ]);
    expect(decodeClientFrame(bytes).kind).toBe('request');
    const other = Buffer.concat([
      encodeClientFrame({ request: { id: 1, method: 'A.B' } }),
      encodeClientFrame({ hello: { accessToken: 'x' } }),
    ]);
    expect(decodeClientFrame(other).kind).toBe('hello');
  });
});

describe('decoding a server frame', () => {
  it('gives it back as it was sent', () => {
    const frame = { event: { topic: 't', number: 7, chat: { message: { body: '你好' } } } };
    expect(decodeServerFrame(encodeServerFrame(frame)).event).toMatchObject(frame.event);
  });

  it('never throws anything but SOCKET_FRAME_INVALID', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(decodeServerFrame(bytes)).toBeInstanceOf(causeway.ServerFrame);
        } catch (error) {
          expect(error).toMatchObject({ code: 'SOCKET_FRAME_INVALID' });
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
