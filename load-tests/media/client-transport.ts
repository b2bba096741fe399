/**
 * One transport as a browser has it: a UDP socket, ICE in the controlling role against the server's
 * ICE-lite, DTLS as client, then SRTP both ways.
 *
 * A socket of its own for each, because the server tells its transports apart by where packets come from.
 */

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { types as mediasoup } from 'mediasoup';
import type { Certificate } from './wire/certificate.js';
import { DtlsClient } from './wire/dtls-client.js';
import { SrtpReceiver, SrtpSender } from './wire/srtp.js';
import { bindingRequest, newTransactionId, readStun } from './wire/stun.js';

export interface TransportParameters {
  readonly iceParameters: mediasoup.IceParameters;
  readonly iceCandidates: readonly mediasoup.IceCandidate[];
  readonly dtlsParameters: mediasoup.DtlsParameters;
}

export interface ClientTransportOptions {
  readonly server: TransportParameters;
  readonly certificate: Certificate;
  /** Still encrypted: most receivers count only. */
  readonly onRtp?: (packet: Buffer) => void;
  readonly onRtcp?: (compound: Buffer) => void;
  /** Lost after it was connected. */
  readonly onLost?: (reason: Error) => void;
}

/** The kernel cuts it to net.core.rmem_max. A key frame to thousands of sockets must not be lost on our side. */
const receiveBufferBytes = 1024 * 1024;
const checkEveryMs = 100;
const connectMs = 20_000;
/** RFC 7675 section 5.1 says 5 s on average. */
const consentEveryMs = 5_000;
/** RFC 8445 section 5.1.2.1, a host candidate. */
const priority = 0x7eff_ffff;

export class ClientTransport {
  readonly #options: ClientTransportOptions;
  readonly #socket: Socket;
  readonly #dtls: DtlsClient;
  readonly #fragment = randomBytes(4).toString('hex');
  readonly #tieBreaker = randomBytes(8);
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  #checks: NodeJS.Timeout | undefined;
  #onChecked: () => void = () => {};
  #onKeyed: () => void = () => {};
  #onFailed: (reason: Error) => void = () => {};
  #closed = false;

  private constructor(options: ClientTransportOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#dtls = new DtlsClient({
      certificate: options.certificate,
      fingerprint: sha256Of(options.server.dtlsParameters),
      send: (datagram) => this.#send(datagram),
      onKeys: ({ clientKey, clientSalt, serverKey, serverSalt }) => {
        this.#sender = new SrtpSender(clientKey, clientSalt);
        this.#receiver = new SrtpReceiver(serverKey, serverSalt);
        this.#onKeyed();
      },
      onEnd: (reason) => {
        if (this.#closed) return;
        this.#onFailed(reason);
        if (this.#sender) options.onLost?.(reason);
      },
    });
    socket.on('message', (datagram) => this.#take(datagram));
    // A port that is closed answers with an ICMP message (ECONNREFUSED): the handshake's time limit tells.
    socket.on('error', () => {});
  }

  static async open(options: ClientTransportOptions): Promise<ClientTransport> {
    const candidate = options.server.iceCandidates.find(({ protocol }) => protocol === 'udp');
    if (!candidate) throw new Error('The server has no UDP candidate.');
    const socket = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes });
    const transport = new ClientTransport(options, socket);
    // Connected: the kernel looks the way up once, and nothing else gets in.
    socket.connect(candidate.port, candidate.address ?? candidate.ip);
    await once(socket, 'connect');
    return transport;
  }

  /** The worker that serves this transport has a port of its own. */
  get serverPort(): number {
    return this.#socket.remoteAddress().port;
  }

  get localPort(): number {
    return this.#socket.address().port;
  }

  get dtlsParameters(): mediasoup.DtlsParameters {
    return { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: this.#options.certificate.fingerprint }] };
  }

  get keys(): SrtpReceiver | undefined {
    return this.#receiver;
  }

  /** ICE, then DTLS. The server must be told `dtlsParameters` meanwhile. */
  async connect(): Promise<void> {
    const limit = setTimeout(() => this.#onFailed(new Error('ICE and DTLS took too long.')), connectMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onFailed = reject;
        this.#onChecked = resolve;
        this.#checks = setInterval(() => this.#check(), checkEveryMs);
        this.#check();
      });
      await new Promise<void>((resolve, reject) => {
        this.#onFailed = reject;
        this.#onKeyed = resolve;
        this.#dtls.start();
      });
      // Spread out, so that thousands of transports don't ask in the same moment.
      this.#checks = setTimeout(() => {
        this.#check();
        this.#checks = setInterval(() => this.#check(), consentEveryMs);
      }, Math.random() * consentEveryMs);
    } finally {
      clearTimeout(limit);
      this.#onFailed = () => {};
    }
  }

  sendRtp(header: Buffer, payload: Buffer): void {
    if (this.#sender) this.#send(this.#sender.protectRtp(header, payload));
  }

  sendRtcp(packet: Buffer): void {
    if (this.#sender) this.#send(this.#sender.protectRtcp(packet));
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#dtls.close();
    this.#closed = true;
    clearInterval(this.#checks);
    this.#socket.close();
  }

  #take(datagram: Buffer): void {
    // RFC 7983 section 7: the first byte says what it is; most are RTP.
    const first = datagram[0] ?? 0;
    if (first >= 128 && first <= 191) {
      const second = datagram[1] ?? 0;
      if (second < 192 || second > 223) this.#options.onRtp?.(datagram);
      else if (this.#options.onRtcp) {
        const compound = this.#receiver?.openRtcp(datagram);
        if (compound) this.#options.onRtcp(compound);
      }
    } else if (first >= 20 && first <= 63) this.#dtls.take(datagram);
    else if (first <= 3 && readStun(datagram)?.kind === 'success') {
      if (!this.#sender) clearInterval(this.#checks);
      this.#onChecked();
    }
  }

  #check(): void {
    const { usernameFragment, password } = this.#options.server.iceParameters;
    const username = `${usernameFragment}:${this.#fragment}`;
    this.#send(bindingRequest({ username, password, priority, tieBreaker: this.#tieBreaker, transactionId: newTransactionId() }));
  }

  #send(datagram: Buffer): void {
    if (!this.#closed) this.#socket.send(datagram);
  }
}

function sha256Of({ fingerprints }: mediasoup.DtlsParameters): string {
  const found = fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  if (!found) throw new Error('The server has no SHA-256 fingerprint.');
  return found.value;
}
