/**
 * The papers of a version: what the manifest says, and the transcript, as files that people and programs
 * read. They are stored when they are signed: a later release would write the same page otherwise.
 */
import type { BlobStore } from '../../platform/blobs/index.js';
import { storable } from '../../platform/canonical-json.js';
import type { Recording, TranscriptLine } from '../recording.js';
import { type Facts, paperPrefix } from './gather.js';
import { type Manifest, sha256Of } from './manifest.js';
import { pages } from './pages.js';

/** Writes them, and gives what the manifest says of them. */
export async function storePapers(
  blobs: BlobStore,
  recording: Recording,
  facts: Facts,
  { transcript, summary }: { transcript: readonly TranscriptLine[]; summary: unknown },
  signal: AbortSignal,
): Promise<Manifest['papers']> {
  const { version } = facts.recording;
  const lines = transcript.map(({ id, personId, speaker, beginMs, endMs, language, text, engine, editedBy }) => ({
    id,
    person: { id: personId, name: speaker },
    beginMs,
    endMs,
    language,
    text,
    engine,
    editedBy,
  }));
  const papers: [path: string, content: string][] = [
    ...pages(facts, transcript, summary !== null),
    ['ledger.json', jsonText(facts.consent)],
    ['transcript.json', jsonText({ recording: facts.recording.id, startedAt: facts.recording.startedAt, lines })],
  ];
  if (summary !== null) papers.push(['summary.json', jsonText(summary)]);
  const stored: Manifest['papers'] = [];
  for (const [path, content] of papers) {
    signal.throwIfAborted();
    const bytes = Buffer.from(content);
    await blobs.put(`${paperPrefix(recording, version)}${path}`, bytes);
    stored.push({ path, bytes: bytes.length, sha256: sha256Of(bytes) });
  }
  return stored;
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(storable(value), null, 1)}\n`;
}
