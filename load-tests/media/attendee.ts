/** One generated person: joins, sends what it has, counts what it gets. */
import { type AudioSettings, AudioSource } from './audio-source.js';
import { ClientTransport } from './client-transport.js';
import { nowUs } from './clock.js';
import type { Entrance, OfferedStream, OfferedTransport } from './entrance.js';
import type { Pacer } from './pacer.js';
import { cameraParameters, clockRates, microphoneParameters, newSsrc, payloadTypes } from './parameters.js';
import { Reception } from './reception.js';
import { RtpStream } from './rtp-stream.js';
import type { Tally } from './tally.js';
import { type Clip, type VideoSettings, VideoSource } from './video-source.js';
import type { Certificate } from './wire/certificate.js';
import { keyFrameRequests, receiverReport, reportBlocksAtMost } from './wire/rtcp.js';

export interface AttendeeSettings {
  /** Number among all attendees of a run; its voice carries it. */
  readonly number: number;
  readonly microphone?: AudioSettings & { readonly speaking: boolean };
  readonly camera?: VideoSettings;
  /** Tells who is heard, which costs a decryption for each packet of sound. */
  readonly listens?: boolean;
}

export interface AttendeeDeps {
  readonly entrance: Entrance;
  readonly certificate: Certificate;
  readonly clips: readonly (readonly Clip[])[];
  readonly tally: Tally;
  readonly pacer: Pacer;
  readonly onVoice: (voice: { readonly speaker: number; readonly sentAt: number; readonly at: number }) => void;
  /** Something that should not happen did. */
  readonly onTrouble: (reason: Error) => void;
}

export interface Joined {
  /** From the opening of the socket to the answer of Join. */
  readonly answerMs: number;
  /** To the end of ICE and DTLS. */
  readonly connectedMs: number;
  /** Port of the worker that serves it. */
  readonly port: number;
  readonly cameraId: string | undefined;
  readonly microphoneId: string | undefined;
}

const reportEveryMs = 2_000;

export class Attendee {
  readonly #settings: AttendeeSettings;
  readonly #deps: AttendeeDeps;
  readonly #ssrc = newSsrc();
  #receive: ClientTransport | undefined;
  #send: ClientTransport | undefined;
  #reception: Reception | undefined;
  #microphone: AudioSource | undefined;
  #camera: VideoSource | undefined;
  #cameraId: string | undefined;
  #obeys = true;
  /** The last that the server said of the camera. */
  #demand = Number.POSITIVE_INFINITY;
  #reports: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: AttendeeSettings, deps: AttendeeDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async join(): Promise<Joined> {
    const { entrance, tally } = this.#deps;
    const begin = nowUs();
    const early: OfferedStream[] = [];
    const setup = await entrance.join({
      added: (streams) => {
        if (this.#reception) this.#take(streams);
        else early.push(...streams);
      },
      removed: (ids) => {
        for (const id of ids) this.#reception?.remove(id);
      },
      demand: (producerId, highest) => this.#wanted(producerId, highest),
      lost: (reason) => this.#trouble(reason),
    });
    const answerMs = (nowUs() - begin) / 1_000;
    this.#receive = await this.#open(setup.receive, (packet) => this.#reception?.take(packet));
    this.#reception = new Reception({
      tally,
      port: this.#receive.serverPort,
      onFirstPicture: () => tally.firstPicture((nowUs() - begin) / 1_000),
      keys: () => this.#receive?.keys,
      ...(this.#settings.listens && { onVoice: this.#deps.onVoice }),
    });
    this.#take([...setup.streams, ...early]);
    const sends = setup.send && (this.#settings.microphone ?? this.#settings.camera) ? setup.send : undefined;
    if (sends) this.#send = await this.#open(sends);
    await Promise.all([this.#connect(setup.receive.id, this.#receive), this.#send && sends && this.#connect(sends.id, this.#send)]);
    const connectedMs = (nowUs() - begin) / 1_000;
    const microphoneId = sends && (await this.#openMicrophone(sends.id));
    this.#cameraId = sends && (await this.#openCamera(sends.id));
    this.#reports = setInterval(() => this.#report(), reportEveryMs);
    return { answerMs, connectedMs, port: this.#receive.serverPort, cameraId: this.#cameraId, microphoneId };
  }

  get localPorts(): number[] {
    return [this.#receive, this.#send].flatMap((transport) => (transport ? [transport.localPort] : []));
  }

  get packetsSent(): { audio: number; video: number } {
    return { audio: this.#microphone?.packets ?? 0, video: this.#camera?.packets ?? 0 };
  }

  /** Says so to the server too, as a page does that hears its microphone. */
  async speak(on: boolean): Promise<void> {
    this.#microphone?.speak(on);
    if (on) await this.#deps.entrance.speaking();
  }

  show(producerIds: readonly string[], size: { readonly width: number; readonly height: number }): Promise<void> {
    return this.#deps.entrance.show(producerIds, size);
  }

  /** False: sends whatever it has, wanted or not. */
  obey(on: boolean): void {
    this.#obeys = on;
    this.#camera?.setHighest(on ? this.#demand : Number.POSITIVE_INFINITY);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#reports);
    for (const source of [this.#microphone, this.#camera]) if (source) this.#deps.pacer.remove(source);
    this.#reception?.close();
    this.#send?.close();
    this.#receive?.close();
    await this.#deps.entrance.close();
  }

  #open(server: OfferedTransport, onRtp?: (packet: Buffer) => void): Promise<ClientTransport> {
    return ClientTransport.open({
      server,
      certificate: this.#deps.certificate,
      onLost: (reason) => this.#trouble(reason),
      ...(onRtp ? { onRtp } : { onRtcp: (compound) => this.#feedback(compound) }),
    });
  }

  async #connect(id: string, transport: ClientTransport): Promise<void> {
    await Promise.all([this.#deps.entrance.connect(id, transport.dtlsParameters), transport.connect()]);
  }

  async #openMicrophone(transportId: string): Promise<string | undefined> {
    const { microphone, number } = this.#settings;
    if (!microphone || !this.#send) return undefined;
    const ssrc = newSsrc();
    const id = await this.#deps.entrance.produce(transportId, 'microphone', microphoneParameters(ssrc));
    const stream = new RtpStream({ transport: this.#send, ssrc, payloadType: payloadTypes.opus, clockRate: clockRates.opus });
    this.#microphone = new AudioSource(stream, number, microphone, microphone.speaking);
    if (!this.#closed) this.#deps.pacer.add(this.#microphone);
    return id;
  }

  async #openCamera(transportId: string): Promise<string | undefined> {
    const { camera } = this.#settings;
    const transport = this.#send;
    if (!camera || !transport) return undefined;
    const layers = camera.layers.map((layer) => ({ ...layer, ssrc: newSsrc() }));
    const streams = layers.map(({ ssrc }) => new RtpStream({ transport, ssrc, payloadType: payloadTypes.vp8, clockRate: clockRates.vp8 }));
    this.#camera = new VideoSource(streams, camera, camera.clips === undefined ? [] : this.#deps.clips[camera.clips]);
    const id = await this.#deps.entrance.produce(transportId, 'camera', cameraParameters(layers));
    if (!this.#closed) this.#deps.pacer.add(this.#camera);
    return id;
  }

  #take(streams: readonly OfferedStream[]): void {
    for (const stream of streams) this.#reception?.add(stream);
    this.#deps.entrance.resume(streams.map(({ consumerId }) => consumerId)).catch((error: unknown) => this.#trouble(error));
  }

  #wanted(producerId: string, highest: number): void {
    // The camera alone: the server needs the levels of microphones that nobody hears.
    if (this.#cameraId !== undefined && producerId !== this.#cameraId) return;
    this.#demand = highest;
    if (this.#obeys) this.#camera?.setHighest(highest);
  }

  #feedback(compound: Buffer): void {
    for (const ssrc of keyFrameRequests(compound)) this.#camera?.wantKeyFrame(ssrc);
  }

  #report(): void {
    const blocks = this.#reception?.reportBlocks() ?? [];
    for (let at = 0; at < blocks.length; at += reportBlocksAtMost)
      this.#receive?.sendRtcp(receiverReport(this.#ssrc, blocks.slice(at, at + reportBlocksAtMost)));
  }

  #trouble(reason: unknown): void {
    if (!this.#closed) this.#deps.onTrouble(reason instanceof Error ? reason : new Error(String(reason)));
  }
}
