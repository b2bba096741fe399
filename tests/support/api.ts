/** The HTTP API as tests call it, and the people that tests are about. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { type Invitation, invitationMadeSchema, signedInSchema } from '../../src/services/accounts/schema.js';
import {
  guestSignedInSchema,
  type Meeting,
  type meetingBody,
  meetingSchema,
  type ServerFace,
  serverSchema,
} from '../../src/signaling/schema.js';
import { SocketClient } from './socket-client.js';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export interface Call {
  readonly language?: string;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type SignedIn = z.output<typeof signedInSchema>;
export type GuestSignedIn = z.output<typeof guestSignedInSchema> & {
  /** The browser's memory of the guest: give it back as `cookie`. */
  readonly cookie: string;
};

export const password = 'a long enough password';

/** Numbers that no two producers of a run share. */
let streams = 0;

export class Api {
  readonly #addresses: () => { url: string; setupPath: string | null };
  #face: ServerFace | undefined;

  constructor(addresses: () => { url: string; setupPath: string | null }) {
    this.#addresses = addresses;
  }

  get url(): string {
    return this.#addresses().url;
  }

  async api(method: string, path: string, body?: unknown, token?: string, call: Call = {}): Promise<Answer> {
    const headers = new Headers(call.headers);
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (call.language) headers.set('accept-language', call.language);
    if (call.cookie) headers.set('cookie', call.cookie);
    const answer = await fetch(`${this.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, body: json ? JSON.parse(text) : text, headers: answer.headers };
  }

  /** Calls what must succeed, and reads the answer by the product's own schema. */
  async get<Schema extends z.ZodType>(
    schema: Schema,
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<z.output<Schema>> {
    const answer = await this.api(method, path, body, token);
    if (answer.status !== 200) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return schema.parse(answer.body);
  }

  async face(): Promise<ServerFace> {
    this.#face ??= await this.get(serverSchema, 'GET', '/api/server');
    return this.#face;
  }

  /** Addresses change when the server starts again. */
  forgetFace(): void {
    this.#face = undefined;
  }

  async gatewayUrl(): Promise<string> {
    return (await this.face()).gatewayUrl.replace('{host}', new URL(this.url).hostname);
  }

  /** JSON of a browser that can receive everything. */
  async rtpCapabilities(): Promise<string> {
    return JSON.stringify((await this.face()).rtpCapabilities);
  }

  /** Uses the one-time link. */
  async setUpOwner(name = 'Olivia'): Promise<SignedIn> {
    const token = this.#addresses().setupPath?.split('#')[1];
    if (token === undefined) throw new Error('The server is set up already.');
    return this.get(signedInSchema, 'POST', '/api/setup', { token, organisation: 'Harbour Ltd', name, email: emailOf(name), password });
  }

  signIn(name: string): Promise<SignedIn> {
    return this.get(signedInSchema, 'POST', '/api/auth/sign-in', { email: emailOf(name), password });
  }

  openInvitation(by: SignedIn, name: string, role: Invitation['role'] = 'member'): Promise<z.output<typeof invitationMadeSchema>> {
    return this.get(invitationMadeSchema, 'POST', '/api/invitations', { email: emailOf(name), role }, by.accessToken);
  }

  /** Invites somebody who accepts. */
  async invite(by: SignedIn, name: string, role: Invitation['role'] = 'member'): Promise<SignedIn> {
    const { link } = await this.openInvitation(by, name, role);
    return this.get(signedInSchema, 'POST', '/api/invitations/accept', { token: link.split('#')[1], name, password });
  }

  async guest(code: string, name: string, cookie?: string): Promise<GuestSignedIn> {
    const answer = await this.api('POST', `/api/meetings/code/${code}/guest`, { name }, undefined, cookie ? { cookie } : {});
    if (answer.status !== 200) throw new Error(`The guest was refused: ${JSON.stringify(answer.body)}`);
    const [set = ''] = answer.headers.getSetCookie();
    return { ...guestSignedInSchema.parse(answer.body), cookie: set.split(';')[0] ?? '' };
  }

  createMeeting(by: SignedIn, over: Partial<z.input<typeof meetingBody>> = {}): Promise<Meeting> {
    return this.get(meetingSchema, 'POST', '/api/meetings', { title: 'Weekly', ...over }, by.accessToken);
  }

  meeting(by: SignedIn, id: string): Promise<Meeting> {
    return this.get(meetingSchema, 'GET', `/api/meetings/${id}`, undefined, by.accessToken);
  }

  async connect(accessToken: string, language = 'en'): Promise<SocketClient> {
    return SocketClient.connect(await this.gatewayUrl(), accessToken, { language });
  }
}

/** RtpParameters as mediasoup-client writes them; valid for Produce though no DTLS ever happens. */
export function produceParameters(kind: 'audio' | 'video'): string {
  streams += 1;
  const codec =
    kind === 'audio'
      ? { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: { minptime: 10, useinbandfec: 1 } }
      : { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: {} };
  return JSON.stringify({
    mid: String(streams),
    codecs: [{ ...codec, rtcpFeedback: [] }],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 }],
    encodings: [{ ssrc: 1_000 + streams }],
    rtcp: { cname: randomBytes(4).toString('hex'), reducedSize: true },
  });
}

function emailOf(name: string): string {
  return `${name.toLowerCase()}@harbour.example`;
}
