/**
 * A push service as those of browsers are (RFC 8030), with the devices behind it: takes pushes by
 * HTTP, checks who sends them (RFC 8292) and decrypts them as a browser does (RFC 8291, RFC 8188). Written after
 * the RFCs and not with the library that the server sends by.
 */
import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';

export interface ReceivedPush {
  readonly payload: unknown;
  readonly urgency: string;
  readonly topic: string;
  readonly ttl: number;
  /** The contact and the key that the sender named. */
  readonly contact: string;
  readonly key: string;
}

/** A browser on a device. */
export interface Device {
  /** What PushSubscription.toJSON() gives. */
  readonly subscription: { readonly endpoint: string; readonly keys: { readonly p256dh: string; readonly auth: string } };
  readonly received: ReceivedPush[];
  /** What the push service answers. Default 201. */
  answer: number;
  /** How often it was asked, whatever it answered. */
  asked: number;
}

export interface PushService {
  /** `127.0.0.1:port`, for OUTBOUND_ALLOW. */
  readonly place: string;
  /** What was wrong with a push. */
  readonly complaints: string[];
  device(): Device;
  close(): Promise<void>;
}

interface Keys {
  readonly privateKey: string;
  readonly auth: string;
}

const claimsSchema = z.object({ aud: z.string(), exp: z.number(), sub: z.string() });
const dayMs = 86_400_000;

export async function startPushService(): Promise<PushService> {
  const devices = new Map<string, { device: Device; keys: Keys }>();
  const complaints: string[] = [];
  const server = createServer((request, response) => {
    take(request)
      .catch((error: unknown) => {
        complaints.push(error instanceof Error ? error.message : String(error));
        return 400;
      })
      .then((status) => response.writeHead(status).end())
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const place = `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;

  const take = async (request: IncomingMessage): Promise<number> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const known = devices.get(request.url ?? '');
    if (!known) return 404;
    known.device.asked += 1;
    if (known.device.answer !== 201) return known.device.answer;
    const header = (name: string) => String(request.headers[name] ?? '');
    if (request.method !== 'POST') throw new Error(`a push is a POST, not ${request.method}`);
    // RFC 8030 section 5.2.
    if (!/^\d+$/.test(header('ttl'))) throw new Error('a push has a TTL');
    if (header('content-encoding') !== 'aes128gcm') throw new Error('RFC 8291 section 4: aes128gcm');
    const { claims, key } = checkSender(header('authorization'), `http://${place}`);
    const plain = decryptPush(Buffer.concat(chunks), known.keys);
    known.device.received.push({
      payload: JSON.parse(plain.toString('utf8')),
      urgency: header('urgency'),
      topic: header('topic'),
      ttl: Number(header('ttl')),
      contact: claims.sub,
      key,
    });
    return 201;
  };

  return {
    place,
    complaints,
    device: () => {
      const ecdh = createECDH('prime256v1');
      const p256dh = ecdh.generateKeys('base64url');
      const auth = randomBytes(16).toString('base64url');
      const path = `/push/${randomBytes(16).toString('hex')}`;
      const device: Device = {
        subscription: { endpoint: `http://${place}${path}`, keys: { p256dh, auth } },
        received: [],
        answer: 201,
        asked: 0,
      };
      devices.set(path, { device, keys: { privateKey: ecdh.getPrivateKey('base64url'), auth } });
      return device;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** RFC 8291 section 3, RFC 8188 section 2. */
export function decryptPush(body: Buffer, { privateKey, auth }: Keys): Buffer {
  const salt = body.subarray(0, 16);
  const recordSize = body.readUInt32BE(16);
  const keyLength = body.readUInt8(20);
  const serverKey = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  if (record.length > recordSize) throw new Error('RFC 8291 section 4: one record');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey, 'base64url');
  const secret = ecdh.computeSecret(serverKey);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), serverKey]);
  const input = hkdf(Buffer.from(auth, 'base64url'), secret, info, 32);
  const key = hkdf(salt, input, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = hkdf(salt, input, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error('RFC 8188 section 2: the last record ends with 2');
  return padded.subarray(0, end);
}

/** RFC 5869 with one block. */
function hkdf(salt: Buffer, input: Buffer, info: Buffer, length: number): Buffer {
  const key = createHmac('sha256', salt).update(input).digest();
  return createHmac('sha256', key)
    .update(Buffer.concat([info, Buffer.from([1])]))
    .digest()
    .subarray(0, length);
}

/** RFC 8292 sections 2 and 3. */
function checkSender(authorization: string, origin: string): { claims: z.output<typeof claimsSchema>; key: string } {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  const [header = '', payload = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const publicKey = createPublicKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') },
  });
  const good = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!good) throw new Error('RFC 8292 section 2: the signature is not good');
  const claims = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  if (claims.aud !== origin) throw new Error('RFC 8292 section 2: the audience is another');
  if (claims.exp * 1_000 < Date.now() || claims.exp * 1_000 > Date.now() + dayMs)
    throw new Error('RFC 8292 section 2: exp is within a day');
  if (!/^(mailto|https):/.test(claims.sub)) throw new Error('RFC 8292 section 2.1: sub is a contact');
  return { claims, key };
}
