/**
 * The captioner: a process of its own that hears what meetings say, and has the engines as its children.
 * Whatever a decoder does to it, the meeting and the server don't notice; the server starts another one.
 */
import { RtpPacket } from 'werift-rtp';
import { type FromCaptioner, type ToCaptioner, toCaptioner } from './captioner-messages.js';
import { type Engines, openEngines } from './engines/engine-choice.js';
import { Backlog } from './live/backlog.js';
import { LiveVoices } from './live/live-voices.js';
import { VoiceActivities } from './live/voice-activities.js';
import { openVoicePort } from './live/voice-port.js';

interface Parts {
  readonly engines: Engines;
  readonly live: LiveVoices;
  readonly backlog: Backlog;
}

const tickMs = 100;
/** What is told once in a while. */
const ticksPerState = 10;

let parts: Promise<Parts> | undefined;

process.on('disconnect', () => process.exit(0));
// The terminal's Ctrl-C is for the server; it ends us when it has ended its meetings.
process.on('SIGINT', () => undefined);
process.on('message', (message) => void hear(toCaptioner.parse(message)));

async function hear(told: ToCaptioner): Promise<void> {
  if (told.what === 'open') {
    parts = open(told);
    await parts;
    return;
  }
  if (!parts) return;
  const { live, backlog } = await parts;
  switch (told.what) {
    case 'begin':
      return live.begin(told);
    case 'paused':
      return live.paused(told.id, told.paused);
    case 'read':
      return backlog.begin(told.id, told.language);
    case 'packets':
      return backlog.packets(told.id, told.packets);
    case 'end':
      return live.has(told.id) ? live.end(told.id) : backlog.end(told.id);
    case 'drop':
      return backlog.drop(told.id);
  }
}

async function open({ engines: choices, voiceModel, ...times }: Extract<ToCaptioner, { what: 'open' }>): Promise<Parts> {
  const engines = openEngines(choices, times);
  const activities = new VoiceActivities(voiceModel);
  const live = new LiveVoices({ engines, activities, say, now: Date.now });
  const backlog = new Backlog({ engines, activities, say, now: Date.now });
  const port = await openVoicePort((bytes) => {
    const packet = readPacket(bytes);
    if (packet) live.packet(packet, Date.now());
  });
  let ticks = 0;
  setInterval(() => {
    live.tick();
    ticks += 1;
    if (ticks % ticksPerState === 0)
      say({
        what: 'state',
        behind: live.behind,
        problems: engines.queues.flatMap(({ engine }) => engine.problem ?? []),
        enginePids: engines.pids,
      });
  }, tickMs);
  say({ what: 'opened', port });
  return { engines, live, backlog };
}

/** RTCP comes to the same port (RFC 5761 section 4), and whatever else there is on loopback. */
function readPacket(bytes: Buffer): RtpPacket | null {
  const type = (bytes[1] ?? 0) & 0x7f;
  if (bytes.length < 12 || (bytes[0] ?? 0) >> 6 !== 2 || (type >= 64 && type < 96)) return null;
  try {
    return RtpPacket.deSerialize(bytes);
  } catch {
    return null;
  }
}

function say(message: FromCaptioner): void {
  process.send?.(message);
}
