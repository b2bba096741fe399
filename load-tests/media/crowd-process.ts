/** A process that holds generated people; crowd.ts starts it and calls it. */
import { Attendee } from './attendee.js';
import { BareEntrance } from './bare-entrance.js';
import { nowUs } from './clock.js';
import type { CrowdCalls, CrowdReading, CrowdReply, CrowdRequest, VoiceHeard, Way } from './crowd-calls.js';
import type { Entrance } from './entrance.js';
import { OwnDelay, OwnDelaySource } from './own-delay.js';
import { Pacer } from './pacer.js';
import { udpDrops } from './process-usage.js';
import { ProductEntrance } from './product-entrance.js';
import { Tally } from './tally.js';
import type { Clip } from './video-source.js';
import { makeCertificate } from './wire/certificate.js';

type Handlers = { readonly [Name in keyof CrowdCalls]: (request: CrowdCalls[Name]['request']) => Promise<CrowdCalls[Name]['reply']> };

/** Of one reading; more say the same. */
const troublesKept = 20;

const certificate = makeCertificate();
const tally = new Tally();
const pacer = new Pacer();
const ownDelay = new OwnDelay();
const attendees = new Map<number, Attendee>();
let clips: Clip[][] = [];
let troubles: string[] = [];
let awaited = { speaker: -1, heard: new Map<number, VoiceHeard>() };
let before: { sent: CrowdReading['sent']; drops: ReadonlyMap<number, number> } = { sent: { audio: 0, video: 0 }, drops: new Map() };

const handlers: Handlers = {
  open: async ({ settings, way }) => {
    const attendee = new Attendee(settings, {
      entrance: entrance(way),
      certificate,
      clips,
      tally,
      pacer,
      onVoice: ({ speaker, sentAt, at }) => {
        if (speaker === awaited.speaker && !awaited.heard.has(settings.number))
          awaited.heard.set(settings.number, { listener: settings.number, sentAt, at });
      },
      onTrouble: ({ message }) => {
        if (troubles.length < troublesKept) troubles.push(message);
      },
    });
    attendees.set(settings.number, attendee);
    try {
      return await attendee.join();
    } catch (error) {
      attendees.delete(settings.number);
      await attendee.close().catch(() => undefined);
      throw error;
    }
  },
  giveClips: async (given) => {
    clips = given.clips.map((person) => person.map((clip) => clip.map((frame) => Buffer.from(frame))));
    return null;
  },
  close: async ({ numbers }) => {
    await Promise.all(
      numbers.map(async (number) => {
        const attendee = attendees.get(number);
        attendees.delete(number);
        await attendee?.close();
      }),
    );
    return null;
  },
  show: async ({ number, producerIds, size }) => {
    await find(number).show(producerIds, size);
    return null;
  },
  speak: async ({ number, on }) => {
    const at = nowUs();
    await find(number).speak(on);
    return { at };
  },
  obey: async ({ on }) => {
    for (const attendee of attendees.values()) attendee.obey(on);
    return null;
  },
  awaitVoice: async ({ speaker }) => {
    awaited = { speaker, heard: new Map() };
    return null;
  },
  voices: async () => [...awaited.heard.values()],
  listen: () => ownDelay.listen(),
  sendTo: async ({ ports }) => {
    for (const port of ports) pacer.add(await OwnDelaySource.open(port));
    return null;
  },
  mark: async () => {
    ownDelay.delays.clear();
    before = { sent: sent(), drops: await udpDrops() };
    troubles = [];
    tally.mark();
    return null;
  },
  read: async () => {
    const reading = tally.read();
    const now = sent();
    const drops = await udpDrops();
    const ports = [...attendees.values()].flatMap(({ localPorts }) => localPorts);
    return {
      ...reading,
      sent: { audio: now.audio - before.sent.audio, video: now.video - before.sent.video },
      troubles,
      ownDelays: ownDelay.delays.counts.slice(),
      dropped: ports.reduce((sum, port) => sum + (drops.get(port) ?? 0) - (before.drops.get(port) ?? 0), 0),
    };
  },
};

process.on('message', (message: CrowdRequest) => {
  answer(message).then(
    (reply) => process.send?.({ id: message.id, reply } satisfies CrowdReply),
    (error: unknown) =>
      process.send?.({ id: message.id, error: error instanceof Error ? error.message : String(error) } satisfies CrowdReply),
  );
});
process.once('disconnect', () => process.exit());

/** Both ends are of one program, which keeps the types; between them is a pipe that knows none. */
function answer({ name, request }: CrowdRequest): Promise<unknown> {
  const handler: (request: never) => Promise<unknown> = handlers[name];
  return handler(request as never);
}

function entrance(way: Way): Entrance {
  return way.to === 'product' ? new ProductEntrance(way) : new BareEntrance(way);
}

function find(number: number): Attendee {
  const attendee = attendees.get(number);
  if (!attendee) throw new Error(`Attendee ${number} is not in.`);
  return attendee;
}

function sent(): CrowdReading['sent'] {
  let audio = 0;
  let video = 0;
  for (const { packetsSent } of attendees.values()) {
    audio += packetsSent.audio;
    video += packetsSent.video;
  }
  return { audio, video };
}
