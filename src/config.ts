/**
 * Every setting of the server: its name in the environment, default, unit and bounds.
 *
 * Settings come from the environment and from `.env` in the working directory (the
 * environment wins). A setting that is unknown or out of bounds refuses the start, with a
 * sentence that names it. `npm run settings` prints this table for the README.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { engineSpecs, translationSpec } from './recording/captions/schema.js';

const port = () => z.coerce.number().int().min(0).max(65_535);
const ms = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const flag = () => z.enum(['true', 'false', '1', '0']).transform((v) => v === 'true' || v === '1');

/** What stands between commas. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** RFC 7065 section 3.1. */
const turnUrl = /^turns?:(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?$/i;

const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (v) => URL.canParse(v) && schemes.includes(new URL(v).protocol),
      `must be a URL that starts with ${schemes.map((s) => `${s}//`).join(' or ')}`,
    );

/** Name in the environment -> schema with its default and a sentence. All begin with CAUSEWAY_ except the few that everybody knows. */
export const settings = {
  HTTP_HOST: z.string().default('0.0.0.0').describe('Address that the HTTP server listens on.'),
  HTTP_PORT: port().default(3000).describe('Port of the page and the HTTP API. 0 takes any free one.'),
  GATEWAY_HOST: z.string().default('0.0.0.0').describe('Address that the socket gateway listens on.'),
  GATEWAY_PORT: port().default(3001).describe('Port of the socket gateway. 0 takes any free one.'),
  GATEWAY_LIBRARY: z
    .enum(['auto', 'uws', 'ws'])
    .default('auto')
    .describe('Socket library: uWebSockets.js, ws, or uWebSockets.js where its binary loads (auto).'),
  PUBLIC_URL: url('http:', 'https:')
    .optional()
    .describe('Address that people open, such as https://meet.example.hk. Makes cookies secure and links right.'),
  PUBLIC_GATEWAY_URL: url('ws:', 'wss:')
    .optional()
    .describe(
      'Address of the socket as pages reach it, such as wss://meet.example.hk/socket. Default: the gateway port on the host of the page.',
    ),
  ALLOWED_ORIGINS: z.string().default('').describe('Further origins whose pages may open sockets and call the API, comma-separated.'),
  TRUST_PROXY: flag().default(false).describe('Believe X-Forwarded-For and X-Forwarded-Proto. Only behind a reverse proxy that sets them.'),

  DATA_DIR: z.string().default('./data').describe('Folder for the embedded database and blobs.'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional().describe('PostgreSQL to use instead of the embedded one.'),
  DATABASE_POOL: count(2, 200).default(12).describe('Connections to the database, at most.'),
  REDIS_URL: url('redis:', 'rediss:').optional().describe('Redis or Valkey as the bus between nodes. Without it the bus is in-process.'),
  S3_ENDPOINT: url('http:', 'https:').optional().describe('S3-compatible store for blobs. Without it blobs lie in the data folder.'),
  S3_BUCKET: z.string().default('causeway').describe('Bucket for blobs.'),
  S3_REGION: z.string().default('us-east-1').describe('Region of the bucket.'),
  S3_ACCESS_KEY: z.string().optional().describe('Access key of the store.'),
  S3_SECRET_KEY: z.string().optional().describe('Secret key of the store.'),

  MEDIA_WORKERS: count(1, 128).default(Math.min(availableParallelism(), 128)).describe('Media workers; one for each core.'),
  MEDIA_PORT: port().default(40_000).describe('First media port, UDP and TCP; each worker takes one, counting up.'),
  MEDIA_LISTEN_IP: z.string().default('0.0.0.0').describe('Address that media ports listen on.'),
  MEDIA_ANNOUNCED_ADDRESS: z
    .string()
    .optional()
    .describe(
      'Address that browsers reach media at: public IP or host name, or one for IPv4 and one for IPv6, comma-separated. Default: found from the network interfaces.',
    ),
  MEDIASOUP_WORKER_BIN: z
    .string()
    .optional()
    .describe('mediasoup-worker to run. `npm start` sets it to the one that it built, where it built one.'),
  ICE_SERVERS: z
    .string()
    .refine(isJsonList, 'must be a JSON list, such as [{"urls":"stun:stun.example.hk"}]')
    .default('[]')
    .describe('STUN and TURN servers, JSON of RTCIceServer[]. Only participants of a meeting are told.'),
  TURN_URLS: z
    .string()
    .refine((text) => listOf(text).every((server) => turnUrl.test(server)), 'must be like turn:turn.example.hk:3478 (RFC 7065)')
    .default('')
    .describe('TURN servers with time-limited credentials, comma-separated, such as turn:turn.example.hk:3478,turns:turn.example.hk:443.'),
  TURN_SECRET: z.string().optional().describe('Secret that the TURN servers share with us (coturn: static-auth-secret).'),
  TURN_CREDENTIAL_MS: ms(60_000, 604_800_000).default(43_200_000).describe('Life of a TURN credential, milliseconds.'),
  MEDIA_AUDIO_SLOTS: count(1, 16).default(5).describe('Voices heard at once where more microphones are on than are heard one by one.'),
  MEDIA_AUDIO_DIRECT: count(1, 100)
    .default(10)
    .describe('Up to so many microphones that are on, everybody hears each of them; beyond, the loudest take turns in slots.'),
  MEDIA_JOINS_PER_SECOND: count(1, 10_000)
    .default(100)
    .describe('Peers that one media worker takes per second, at most; others wait their turn.'),
  MEDIA_PIPE_IP: z
    .string()
    .optional()
    .describe('Address for media between nodes, reachable from the others. Default: the media address, or loopback.'),
  MEDIA_PIPE_PORTS: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, 'must be two ports, such as 50000-59999')
    .default('50000-59999')
    .describe('UDP ports for media between nodes.'),
  MEDIA_MAX_INCOMING_KBPS: count(100, 100_000).default(3_500).describe('Bitrate that one participant may send, kbit/s.'),
  MEDIA_INITIAL_OUTGOING_KBPS: count(100, 100_000).default(1_000).describe('First guess of what a participant can receive, kbit/s.'),

  ACCESS_TOKEN_MS: ms(30_000, 3_600_000).default(600_000).describe('Life of an access token, milliseconds.'),
  REFRESH_TOKEN_MS: ms(60_000, 7_776_000_000)
    .default(2_592_000_000)
    .describe('A device stays signed in this long without use, milliseconds.'),
  SIGNING_KEY_MS: ms(3_600_000, 7_776_000_000)
    .default(604_800_000)
    .describe('Age at which the key that signs access tokens is rotated, milliseconds.'),
  INVITATION_MS: ms(60_000, 2_592_000_000).default(604_800_000).describe('Life of an invitation, milliseconds.'),
  PASSWORD_MIN: count(8, 128).default(10).describe('Characters of a password, at least.'),

  SOCKET_HELLO_MS: ms(100, 60_000).default(5_000).describe('Time for the first frame, milliseconds.'),
  SOCKET_HELLO_BYTES: count(256, 1_048_576).default(16_384).describe('Size of the first frame, bytes, at most.'),
  SOCKET_FRAME_BYTES: count(1_024, 16_777_216).default(262_144).describe('Size of a frame, bytes, at most.'),
  SOCKET_UNAUTHENTICATED: count(1, 1_000_000).default(2_000).describe('Sockets that are not welcomed yet, at most.'),
  SOCKET_PER_ADDRESS: count(1, 100_000)
    .default(200)
    .describe('Sockets that are not welcomed yet from one address, at most. For all such limits a /64 of IPv6 is one address.'),
  SOCKET_BUFFER_BYTES: count(16_384, 268_435_456)
    .default(1_048_576)
    .describe('Bytes that may wait for a slow receiver before it is closed.'),
  SOCKET_REQUESTS_PER_SECOND: count(1, 10_000)
    .default(60)
    .describe('Requests per second of one session, sustained. Each 4 KiB that a request brings count as one more.'),
  SOCKET_REQUEST_BURST: count(1, 100_000).default(240).describe('Requests of one session at once, at most.'),
  SOCKET_IN_FLIGHT: count(1, 1_000).default(64).describe('Requests of one session that may be unanswered.'),
  SOCKET_IDLE_MS: ms(8_000, 960_000)
    .default(60_000)
    .describe('A socket that is silent this long is closed, milliseconds. The server pings before; the page pings every 15 s of its own.'),
  SOCKET_SESSIONS_PER_PERSON: count(1, 1_000)
    .default(20)
    .describe('Sessions of one person at the same time, at most: devices and tabs. Those whose socket is lost make room first.'),
  SESSION_RESUME_MS: ms(1_000, 600_000).default(60_000).describe('A session outlives its socket this long, milliseconds.'),
  TOPIC_KEEP_EVENTS: count(16, 100_000).default(1_024).describe('Events that each topic keeps for those who come back.'),

  MEETING_PARTICIPANTS: count(2, 100_000).default(1_000).describe('Participants of one meeting, at most.'),
  MEETING_EMPTY_MS: ms(1_000, 604_800_000).default(600_000).describe('A meeting that nobody is in ends after this time, milliseconds.'),
  MEETING_VIEWERS: count(1, 1_000_000).default(10_000).describe('Viewers of one webinar, at most.'),
  MEETING_LOBBY: count(1, 10_000).default(500).describe('People in one lobby, at most.'),
  CHAT_BODY_CHARACTERS: count(1, 100_000).default(8_000).describe('Characters of one message, at most.'),
  CHAT_GROUP_COMMIT_MS: ms(0, 100)
    .default(2)
    .describe('Messages that arrive this close together are written in one transaction, milliseconds.'),
  RECORDING_SEGMENT_MS: ms(1_000, 60_000)
    .default(5_000)
    .describe('What is captured of a recording is closed in pieces of this length, each with its hash, milliseconds.'),
  RECORDING_SPOOL_MIN_FREE_MB: count(0, 10_000_000)
    .default(1_024)
    .describe('With less room than this in the data folder no pictures are captured, with a tenth of it no sound either, MB.'),
  RECORDING_BUFFER_MB: count(8, 16_384)
    .default(64)
    .describe('What is captured and waits for a disk that is full or slow, MB, at most. From half of it on pictures are not kept.'),
  RECORDING_NODE_WAIT_MS: ms(1_000, 86_400_000)
    .default(600_000)
    .describe('A recording waits this long for a node that has captured a part of it and is gone, milliseconds; then it is made without.'),
  RECORDING_CAMERAS: count(1, 49)
    .default(9)
    .describe('Cameras that are recorded at the same time in one meeting; microphones and the shared screen are beside them.'),
  CHAT_RECALL_MS: ms(0, 2_592_000_000).default(600_000).describe('A message can be recalled by its sender this long, milliseconds.'),
  CHAT_MEMBERS: count(2, 100_000).default(5_000).describe('Members of one conversation, at most.'),
  CHAT_ATTACHMENT_BYTES: count(1_024, 107_374_182_400).default(1_073_741_824).describe('Size of one attachment, bytes, at most.'),
  CHAT_UNSENT_BYTES: count(1_024, 1_099_511_627_776)
    .default(5_368_709_120)
    .describe('What one person may have uploaded without having sent it, bytes, at most. After a day it is removed.'),
  CHAT_FILE_BYTES_PER_PERSON: count(1_024, 1_125_899_906_842_624)
    .default(107_374_182_400)
    .describe('Files of one person in all conversations, bytes, at most. Small files count as 4 KiB, forwarded ones not at all.'),
  CHAT_UPLOAD_PIECE_BYTES: count(1, 16_777_216)
    .default(65_536)
    .describe('Smallest piece in which a file may be uploaded, bytes. The last one may be smaller.'),
  CHAT_CONVERSATIONS_PER_HOUR: count(1, 100_000).default(100).describe('Conversations that one person may begin in an hour.'),
  CHAT_CONVERSATIONS_PER_DAY: count(1, 100_000).default(300).describe('Conversations that one person may begin in 24 hours.'),
  LINK_CARDS: flag()
    .default(true)
    .describe('The server fetches pages that messages link to, and shows their titles. The pages learn the address of the server.'),
  OUTBOUND_ALLOW: z
    .string()
    .default('')
    .describe(
      'Networks and places that the server may call although they are not public (webhooks, link cards), comma-separated: 10.1.0.0/16,wiki.internal:8443.',
    ),
  OUTBOUND_PORTS: z
    .string()
    .regex(/^\d{1,5}(, *\d{1,5})*$/, 'must be ports, such as 80,443')
    .default('80,443,8080,8443')
    .describe('Ports of public hosts that the server may call for webhooks and link cards, comma-separated.'),
  PUSH_DELAY_MS: ms(0, 600_000)
    .default(5_000)
    .describe('A message that is still unread after this time is told by push, milliseconds. Who uses a device is not told.'),
  PUSH_EVERY_MS: ms(0, 3_600_000)
    .default(30_000)
    .describe('A person is told of one conversation at most once in this time, milliseconds; mentions and urgent messages come at once.'),
  URGENT_PUSH_MS: ms(1_000, 86_400_000)
    .default(120_000)
    .describe('Whoever has not confirmed an urgent message is reminded by push after this time, milliseconds.'),
  URGENT_MAIL_MS: ms(1_000, 86_400_000)
    .default(600_000)
    .describe('Who has not confirmed by then is reminded by e-mail too, milliseconds since the message.'),
  URGENT_WEBHOOK_MS: ms(1_000, 86_400_000)
    .default(1_800_000)
    .describe("Who has not confirmed by then is reminded by the organisation's webhook too, milliseconds since the message."),
  URGENT_REPEAT_MS: ms(1_000, 86_400_000)
    .default(1_800_000)
    .describe('After the three reminders there is another one each time that this has passed, milliseconds.'),
  URGENT_REMINDERS: count(0, 1_000).default(12).describe('Reminders of one urgent message to one person, at most.'),
  URGENT_PER_HOUR: count(0, 10_000).default(10).describe('Urgent messages of one person in an hour, at most.'),
  URGENT_MEMBERS: count(2, 100_000)
    .default(50)
    .describe('In conversations with more members, and in announcements, only admins send urgent messages.'),
  SCHEDULED_PER_PERSON: count(1, 10_000).default(100).describe('Messages of one person that wait for their time, at most.'),
  SMTP_URL: url('smtp:', 'smtps:')
    .optional()
    .describe('Mail server, such as smtps://user:password@mail.example.hk. Without it no e-mail is sent.'),
  MAIL_FROM: z
    .string()
    .regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'must be an e-mail address, such as causeway@example.hk')
    .optional()
    .describe('Sender of e-mails; also the contact that push services are told (RFC 8292). Needed for SMTP_URL.'),
  BOT_TOKEN_MS: ms(60_000, 86_400_000).default(3_600_000).describe('Life of an access token of an app, milliseconds.'),
  BOT_REQUESTS_PER_MINUTE: count(1, 100_000).default(300).describe('API calls of one app per minute, on each node.'),
  BOT_HOOK_POSTS_PER_MINUTE: count(1, 100_000).default(60).describe('Messages by one incoming webhook per minute, on each node.'),
  SLASH_COMMAND_MS: ms(100, 30_000).default(3_000).describe('An app must answer a slash command within this time, milliseconds.'),
  SLASH_COMMANDS_PER_MINUTE: count(1, 10_000)
    .default(60)
    .describe('Slash commands of apps that one person may use per minute, on each node.'),
  WEBHOOK_TRIES: count(1, 50)
    .default(12)
    .describe('Tries to deliver an event to an outgoing webhook before it is parked as a dead letter.'),
  WEBHOOK_RETRY_MS: ms(10, 3_600_000)
    .default(5_000)
    .describe('Wait before the second try, milliseconds; twice as long before each further one, at most an hour.'),
  WEBHOOK_TIMEOUT_MS: ms(100, 60_000).default(10_000).describe('A receiver must answer a delivery within this time, milliseconds.'),
  WEBHOOK_DISABLE_MS: ms(1_000, 2_592_000_000)
    .default(259_200_000)
    .describe('An outgoing webhook is disabled when no try has succeeded for this long, milliseconds.'),
  SUMMARY_URL: url('http:', 'https:')
    .optional()
    .describe(
      'OpenAI-compatible server that writes summaries, such as http://127.0.0.1:11434/v1 (Ollama, vLLM, llama.cpp). Transcripts are sent to it. Default: none, the program writes them by itself.',
    ),
  SUMMARY_MODEL: z.string().optional().describe('Model that the summary server is asked for. Needed for SUMMARY_URL.'),
  SUMMARY_API_KEY: z.string().optional().describe('Key of the summary server, where it wants one.'),
  SUMMARY_TIMEOUT_MS: ms(1_000, 3_600_000)
    .default(300_000)
    .describe('The summary server must answer one request within this time, milliseconds; then the program writes the summary itself.'),
  SUMMARY_CONTEXT_TOKENS: count(2_000, 2_000_000)
    .default(8_000)
    .describe('Tokens that fit into one request to the summary server, its answer included. Longer transcripts are sent in pieces.'),
  SUMMARY_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, such as Asia/Hong_Kong')
    .default('Asia/Hong_Kong')
    .describe('Time zone of what is said in meetings: which day is "tomorrow".'),
  CAPTIONS_ENGINES: z
    .string()
    .refine(fitsJson(engineSpecs), 'must be a JSON list of engines (docs/recording/captions.md)')
    .default('')
    .describe(
      'Speech engines, JSON; the first that has a language takes it. Default: English by the model that the set-up fetched. See docs/recording/captions.md.',
    ),
  CAPTIONS_FOLDER: z
    .string()
    .default(path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'causeway', 'speech'))
    .describe('Folder of the speech models that the set-up fetches.'),
  CAPTIONS_PROCESSES: count(1, 64)
    .default(Math.max(1, Math.min(8, Math.floor(availableParallelism() / 4))))
    .describe('Processes of each speech model, each with one core of work at most.'),
  CAPTIONS_DECODE_MS: ms(1_000, 600_000)
    .default(30_000)
    .describe('A speech engine that takes longer for one utterance is taken to hang, milliseconds.'),
  CAPTIONS_PATIENCE_MS: ms(1_000, 60_000)
    .default(6_000)
    .describe('A line of captions that waits longer for an engine is left for after the meeting, milliseconds.'),
  CAPTIONS_TRANSLATION: z
    .string()
    .refine(fitsJson(translationSpec), 'must be JSON of a translation server (docs/recording/captions.md)')
    .default('')
    .describe('Server that translates captions, JSON. Without it nothing is translated. See docs/recording/captions.md.'),
  HTTP_BODY_BYTES: count(1_024, 67_108_864).default(262_144).describe('Body of an API call, bytes, at most.'),
  HTTP_REQUESTS_PER_MINUTE: count(10, 1_000_000)
    .default(600)
    .describe('API calls per minute from one address; the page itself is not counted.'),
  SIGN_IN_PER_MINUTE: count(1, 10_000)
    .default(20)
    .describe('Calls per minute from one address, for each of: sign-in, set-up, looking an invitation up, accepting it.'),
  GUESTS_PER_MINUTE: count(1, 100_000)
    .default(300)
    .describe('Guests per minute from one address; a class behind one office address comes within the same minute.'),

  FFMPEG_PATH: z
    .string()
    .optional()
    .describe('FFmpeg that puts recordings together. Default: the one on PATH, else the one that came with the packages.'),
  COMPOSE_HEIGHT: count(180, 2_160)
    .refine((height) => height % 18 === 0, 'must be a multiple of 18, such as 540, 720 or 1080')
    .default(720)
    .describe('Height of the picture of a composed recording, pixels. It is 16 to 9 wide.'),
  COMPOSE_PROCESSES: count(1, 64)
    .default(Math.min(availableParallelism(), 2))
    .describe('How many pieces of a recording are composed at once on one node, at low priority.'),
  COMPOSE_FONT: z
    .string()
    .default('Noto Sans CJK HK, sans-serif')
    .describe('Fonts of names in recordings: families, in order of preference.'),
  COMPOSE_CAPTIONS: flag().default(false).describe('Write what was said into the picture of recordings.'),
  RECORDING_QUOTA_BYTES: count(0, 1e15)
    .default(0)
    .describe('What recordings of one organisation may take, bytes, where its administrators set nothing else. 0: no limit.'),
  RECORDING_TELL_MS: ms(0, 600_000)
    .default(10_000)
    .describe(
      'People are told by push and e-mail of recordings that were shared with them, and of reviews, after this time, milliseconds. Whoever has opened the recording by then is not told, and nobody of what was taken back.',
    ),

  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info').describe('What is logged.'),
  DRAIN_MS: ms(0, 600_000).default(5_000).describe('Time for running requests to end at SIGTERM, milliseconds.'),
  CLUSTER_LEASE_MS: ms(500, 60_000)
    .default(2_000)
    .describe('A node that is silent this long has lost its meetings to the others, milliseconds.'),
  NODE_NAME: z
    .string()
    .default(() => randomBytes(4).toString('hex'))
    .describe('Name of this node in logs and on the bus. Default: random.'),
} as const;

type SettingName = keyof typeof settings;
export type Config = Readonly<{ [Name in SettingName]: z.output<(typeof settings)[Name]> }>;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Names that need no prefix, because the world has agreed on them. */
const bare: ReadonlySet<string> = new Set(['DATABASE_URL', 'REDIS_URL', 'MEDIASOUP_WORKER_BIN', 'FFMPEG_PATH', 'LOG_LEVEL']);

/** The name of a setting in the environment. */
export function environmentName(setting: string): string {
  return bare.has(setting) ? setting : `CAUSEWAY_${setting}`;
}

/**
 * Reads the settings.
 *
 * @throws {ConfigError} with one sentence for each setting that is unknown or not valid.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const known = new Map(Object.keys(settings).map((name) => [environmentName(name), name]));
  const wrong: string[] = [];
  for (const name of Object.keys(environment)) {
    if (name.startsWith('CAUSEWAY_') && !known.has(name))
      wrong.push(`${name} is not a setting of Causeway. Check its spelling (npm run settings lists all).`);
  }
  const values: Record<string, unknown> = {};
  for (const [variable, name] of known) {
    const given = environment[variable];
    const result = settings[name as SettingName].safeParse(given === '' ? undefined : given);
    if (result.success) values[name] = result.data;
    else wrong.push(`${variable}=${given ?? ''} is not valid: ${result.error.issues.map((issue) => issue.message).join('; ')}.`);
  }
  if (values.TURN_URLS && values.TURN_SECRET === undefined)
    wrong.push('CAUSEWAY_TURN_URLS is set, but not CAUSEWAY_TURN_SECRET: without it nobody can use these servers. Set both, or none.');
  if (values.SMTP_URL && values.MAIL_FROM === undefined)
    wrong.push('CAUSEWAY_SMTP_URL is set, but not CAUSEWAY_MAIL_FROM: no mail server takes a mail without a sender. Set both, or none.');
  if (values.SUMMARY_URL && values.SUMMARY_MODEL === undefined)
    wrong.push(
      'CAUSEWAY_SUMMARY_URL is set, but not CAUSEWAY_SUMMARY_MODEL: the server would not know which model to ask. Set both, or none.',
    );
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  values.DATA_DIR = path.resolve(values.DATA_DIR as string);
  return values as Config;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Empty, or JSON of that shape. */
function fitsJson(schema: z.ZodType): (text: string) => boolean {
  return (text) => {
    try {
      return text === '' || schema.safeParse(JSON.parse(text)).success;
    } catch {
      return false;
    }
  };
}

function isJsonList(text: string): boolean {
  try {
    return z.array(z.record(z.string(), z.unknown())).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
