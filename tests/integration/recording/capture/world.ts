/** A database with recordings, recorders with real processes, and publishers that send RTP straight to them. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../../../src/config.js';
import { type BlobStore, openBlobs } from '../../../../src/platform/blobs/index.js';
import { openBus } from '../../../../src/platform/bus/index.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { type Cluster, openCluster } from '../../../../src/platform/cluster/index.js';
import type { Database } from '../../../../src/platform/database/index.js';
import { newId } from '../../../../src/platform/ids.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import {
  type CaptureStream,
  type Gap,
  Recorder,
  readSegment,
  removePerson,
  sealStep,
  type TrackEntry,
} from '../../../../src/recording/capture/index.js';
import { readTrack, type SpoolTrack, trackFolders } from '../../../../src/recording/capture/spool.js';
import type { TapReceiver } from '../../../../src/recording/ports.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { Recordings } from '../../../../src/recording/recordings.js';
import {
  openTestDatabase,
  type RedisServer,
  startRedis,
  type TemporaryFolder,
  temporaryFolder,
  testConfig,
  testLog,
  waitFor,
} from '../../../support/index.js';
import { insertOffice, insertRecording } from '../../../support/recording-rows.js';

export interface TrackRow {
  readonly id: string;
  readonly state: string;
  readonly node: string;
  readonly packets: number;
  readonly gaps: readonly Gap[];
  readonly endedAt: Date | null;
}

/** A recorder, as a node of its own. */
export interface CaptureNode {
  readonly recorder: Recorder;
  readonly cluster: Cluster;
  close(): Promise<void>;
}

export class CaptureWorld {
  readonly recordings: Recordings;
  readonly #nodes: CaptureNode[] = [];

  private constructor(
    readonly orgId: string,
    readonly database: Database & { readonly url: string },
    readonly folder: TemporaryFolder,
    readonly blobs: BlobStore,
    readonly redis: RedisServer | null,
  ) {
    this.recordings = new Recordings({ database, blobs, clock: systemClock });
  }

  /** `cluster`: its nodes know of each other. */
  static async open({ cluster = false } = {}): Promise<CaptureWorld> {
    const database = await openTestDatabase();
    const folder = await temporaryFolder();
    const blobs = await openBlobs(testConfig({ DATA_DIR: folder.path }), testLog());
    return new CaptureWorld(await insertOffice(database), database, folder, blobs, cluster ? await startRedis() : null);
  }

  /** `folder`: of the data; the spool is in it. */
  async node(over: Partial<Config> = {}, folder = this.folder.path): Promise<CaptureNode> {
    const { database, blobs } = this;
    const config = testConfig({
      DATA_DIR: folder,
      RECORDING_SEGMENT_MS: 1_000,
      RECORDING_SPOOL_MIN_FREE_MB: 1,
      CLUSTER_LEASE_MS: 1_000,
      ...(this.redis && { REDIS_URL: this.redis.url }),
      ...over,
    });
    const log = testLog();
    const bus = await openBus(config, log);
    const cluster = await openCluster({ bus, config, log, face: () => ({ mediaLoad: 0, gatewayUrl: '', draining: false }) });
    const recorder = new Recorder({ config, database, blobs, cluster, clock: systemClock, log, metrics: createMetrics() });
    const node: CaptureNode = {
      recorder,
      cluster,
      close: async () => {
        await recorder.close();
        await cluster.close();
        await bus.close();
      },
    };
    this.#nodes.push(node);
    return node;
  }

  /** One that is on. */
  async record(): Promise<Recording> {
    const { orgId, id } = await insertRecording(this.database, { orgId: this.orgId });
    return this.recordings.get(orgId, id);
  }

  /** The step that comes first after a recording was stopped. */
  async seal({ recorder, cluster }: CaptureNode, recording: Recording, waitMs = 600_000): Promise<void> {
    const { database } = this;
    const step = sealStep({
      config: testConfig({ RECORDING_NODE_WAIT_MS: waitMs }),
      database,
      cluster,
      clock: systemClock,
      log: testLog(),
      recorder,
      everyMs: 20,
    });
    await step.run(recording, { signal: new AbortController().signal, progress: () => undefined, version: 1 });
  }

  removePerson({ recorder, cluster }: CaptureNode, recording: Recording, personId: string): Promise<number> {
    const { database, blobs } = this;
    return removePerson({ database, blobs, cluster, clock: systemClock, log: testLog(), recorder }, recording, personId);
  }

  async rows(recording: Recording): Promise<TrackRow[]> {
    return this.database.query<TrackRow>(
      `select id, state, node, packets::int, gaps, ended_at as "endedAt" from recording_tracks where recording_id = $1 order by started_at, id`,
      [recording.id],
    );
  }

  /** What lies in the spools. */
  async spool(folder = this.folder.path): Promise<SpoolTrack[]> {
    const root = path.join(folder, 'capture');
    const owners = await trackFolders(path.dirname(root), 'capture');
    const tracks = (await Promise.all(owners.map((owner) => trackFolders(owner)))).flat();
    return (await Promise.all(tracks.map(readTrack))).flatMap((track) => track ?? []);
  }

  /** What is on the disk of a track that is not sealed, whether its segments are closed or not. */
  async written({ stream }: Publisher, folder = this.folder.path): Promise<TrackEntry[]> {
    const track = (await this.spool(folder)).find(({ header }) => header.id === stream.id);
    if (!track) return [];
    const names = (await readdir(track.folder)).filter((name) => name.endsWith('.log')).sort();
    const contents = await Promise.all(names.map((name) => readFile(path.join(track.folder, name))));
    return contents.filter(({ length }) => length > 0).flatMap((content) => [...readSegment(content)]);
  }

  /** Waits until the disk has so many packets of it. */
  async wrote(publisher: Publisher, packets: number, folder = this.folder.path): Promise<void> {
    await waitFor(async () => sequencesOf(await this.written(publisher, folder)).length >= packets, `${packets} packets are on the disk`);
  }

  /** What was kept of a sealed track. */
  async sealed(trackId: string): Promise<TrackEntry[]> {
    const entries: TrackEntry[] = [];
    for (const segment of await this.recordings.segments({ orgId: this.orgId, id: trackId })) {
      const content = await this.blobs.get(segment.blobKey);
      if (!content) throw new Error(`There is no blob ${segment.blobKey}.`);
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      entries.push(...readSegment(Buffer.concat(chunks)));
    }
    return entries;
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) await node.close();
    await this.redis?.stop();
    await this.blobs.close();
    await this.database.close();
    await this.folder.remove();
  }
}

let nextSsrc = 70_000;

/** A tap without a worker. */
export class Publisher {
  readonly stream: CaptureStream;
  readonly personId = newId();
  keyFrames = 0;
  /** Of the packet sent last. */
  sequence = 65_500;
  timestamp = 4_294_900_000;
  readonly #socket = createSocket('udp4');
  #receiver: TapReceiver | null = null;
  /** Of a receiver in another process. */
  port: number | null = null;

  constructor(
    recording: Recording,
    readonly source: CaptureStream['source'] = 'microphone',
  ) {
    const isPicture = source === 'camera' || source === 'screen';
    nextSsrc += 1;
    this.stream = {
      id: newId(),
      source,
      context: {
        recordingId: recording.id,
        orgId: recording.orgId,
        meetingId: recording.meetingId,
        personId: this.personId,
        personName: 'Anna',
        participantId: newId(),
        language: '',
      },
      ssrc: nextSsrc,
      payloadType: isPicture ? 101 : 100,
      mimeType: isPicture ? 'video/VP8' : 'audio/opus',
      clockRate: isPicture ? 90_000 : 48_000,
      channels: isPicture ? 1 : 2,
      requestKeyFrame: () => {
        this.keyFrames += 1;
      },
    };
  }

  get receiver(): TapReceiver {
    if (!this.#receiver) throw new Error('It has not begun.');
    return this.#receiver;
  }

  async begin({ recorder }: CaptureNode): Promise<this> {
    this.#receiver = await recorder.begin(this.stream);
    return this;
  }

  packet(sequence = (this.sequence + 1) & 0xffff, { ssrc = this.stream.ssrc, bytes = 100 } = {}): Buffer {
    this.sequence = sequence;
    this.timestamp = (this.timestamp + this.stream.clockRate / 50) % 2 ** 32;
    const packet = Buffer.alloc(12 + bytes, 0x55);
    packet.writeUInt8(0x80, 0);
    packet.writeUInt8(this.stream.payloadType, 1);
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(this.timestamp, 4);
    packet.writeUInt32BE(ssrc, 8);
    return packet;
  }

  /** Resolves when the kernel has them. */
  async send(...packets: readonly Buffer[]): Promise<void> {
    for (const packet of packets) {
      await new Promise<void>((resolve, reject) => {
        this.#socket.send(packet, this.port ?? this.receiver.port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
      });
    }
  }

  /** What came back by the socket, such as a question for lost packets. */
  async heard(): Promise<Buffer> {
    const [message]: Buffer[] = await once(this.#socket, 'message');
    if (!message) throw new Error('Nothing came.');
    return message;
  }

  close(): void {
    this.#socket.close();
  }
}

export function sequencesOf(entries: readonly TrackEntry[]): number[] {
  return entries.flatMap((entry) => (entry.kind === 'packet' ? [entry.packet.readUInt16BE(2)] : []));
}
