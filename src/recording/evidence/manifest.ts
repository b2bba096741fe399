/**
 * What a manifest and its link in the chain look like; `npm run verify` reads them years later with nothing
 * else at hand. Whoever adds a member only adds; whoever changes the meaning of one raises the version.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

export const manifestFormat = 'causeway-recording-manifest';
export const linkFormat = 'causeway-evidence-link';
export const formatVersion = 1;

/** Files of the export that say of all others what they must be. */
export const ownFiles = {
  manifest: 'manifest.json',
  link: 'chain.json',
  signature: 'manifest.sig',
  publicKey: 'public-key.pem',
  /** The link before, and its signature: there is none before the first. */
  previous: 'previous.json',
  previousSignature: 'previous.sig',
} as const;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();
const size = z.number().int().min(0);
const person = z.object({ id: z.string(), name: z.string() });

/** A file of the export. */
const fileSchema = z.object({ path: z.string().min(1), bytes: size, sha256 });

export const manifestSchema = z.object({
  format: z.literal(manifestFormat),
  formatVersion: z.literal(formatVersion),
  /** Which Causeway wrote it. */
  software: z.string(),
  signedAt: time,
  organisation: person,
  recording: z.object({
    id: z.string(),
    kind: z.enum(['recording', 'transcript']),
    title: z.string(),
    startedBy: person,
    startedAt: time,
    stoppedAt: time.nullable(),
    version: z.number().int(),
    /** Why this version was made: first, withdrawal, edit, again. */
    reason: z.string(),
  }),
  meeting: z.object({ id: z.string(), title: z.string(), kind: z.string(), startedAt: time.nullable(), endedAt: time.nullable() }),
  policy: z.record(z.string(), z.unknown()),
  pauses: z.array(z.object({ from: time, until: time.nullable() })),
  participants: z.array(person.extend({ joinedAt: time, leftAt: time.nullable() })),
  consent: z.object({
    entries: z.array(
      z.object({
        number: z.number().int(),
        person,
        what: z.string(),
        noticeHash: sha256,
        language: z.string(),
        client: z.string(),
        at: time,
      }),
    ),
    notices: z.array(z.object({ hash: sha256, version: z.string(), texts: z.json() })),
  }),
  tracks: z.array(
    z.object({
      id: z.string(),
      person,
      participantId: z.string(),
      source: z.string(),
      mimeType: z.string(),
      clockRate: z.number(),
      channels: z.number(),
      ssrc: z.number(),
      payloadType: z.number(),
      /** removed: its owner withdrew, and what was taken is deleted. */
      state: z.string(),
      startedAt: time,
      endedAt: time.nullable(),
      /** As the capture wrote them down. */
      gaps: z.json(),
      segments: z.array(fileSchema.extend({ number: z.number().int(), firstAt: time, lastAt: time })),
    }),
  ),
  /** What was made of the tracks. */
  files: z.array(fileSchema.extend({ kind: z.string(), mediaType: z.string() })),
  /** The same as this says, and the transcript, for people and programs. */
  papers: z.array(fileSchema),
  /** What was cut out or made unrecognisable, as the archive wrote it down. */
  edits: z.json(),
  /** Messages of the conversation with what was said, and what became of them since somebody took it back. Manifests of before have none. */
  posts: z
    .array(
      z.object({
        what: z.string(),
        conversation: z.string(),
        message: z.number().int(),
        postedAt: time,
        /** current, stale: to be corrected. held: recalled, kept by a legal hold. corrected, recalled. */
        state: z.string(),
        changedAt: time.nullable(),
      }),
    )
    .optional(),
  /** What is not there. With a path: it is listed above, and the store had lost it, or part of it, when this was signed. */
  missing: z.array(
    z.object({ what: z.enum(['withdrawn', 'not-sealed', 'lost', 'damaged']), track: z.string().optional(), path: z.string().optional() }),
  ),
});
export type Manifest = z.output<typeof manifestSchema>;

export const linkSchema = z.object({
  format: z.literal(linkFormat),
  formatVersion: z.literal(formatVersion),
  organisation: z.string(),
  /** From 1 without holes. */
  number: z.number().int().min(1),
  /** SHA-256 of the link before; of the first: zeros. */
  previous: sha256,
  /** SHA-256 of the manifest. */
  manifest: sha256,
  at: time,
});
export type Link = z.output<typeof linkSchema>;

/** What the first link follows. */
export const genesis = '0'.repeat(64);

/** Every file that the manifest speaks for, in the order in which it is checked. */
export function filesOf(manifest: Manifest): z.output<typeof fileSchema>[] {
  return [...manifest.papers, ...manifest.files, ...manifest.tracks.flatMap(({ segments }) => segments)];
}

/** Hex. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
