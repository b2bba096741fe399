/** Transcripts and settings of captions over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../../src/platform/ids.js';
import type { Principal } from '../../../../src/platform/principal.js';
import {
  captionLanguagesSchema,
  captionSettingsSchema,
  transcriptLineSchema,
  transcriptSchema,
} from '../../../../src/recording/captions/schema.js';
import type { Recording } from '../../../../src/recording/recording.js';
import type { Api } from '../../../support/api.js';
import { CaptionsWorld } from './captions-world.js';

let world: CaptionsWorld;
let api: Api;
let host: Principal;
let guest: Principal;
let stranger: Principal;
let recording: Recording;
const lines: string[] = [];

beforeAll(async () => {
  world = await CaptionsWorld.open();
  host = await world.person('Host');
  guest = await world.person('Guest');
  stranger = await world.person('Stranger');
  recording = await world.record([host, guest]);
  api = await world.recordings.serve((app) => world.captions.routes(app));
  for (const [index, [person, text, language]] of (
    [
      [host, 'Good morning <all>.', 'en'],
      [guest, '我们现在开会，发展计划之后再说。', 'cmn'],
      [host, 'Let us start --> now.', 'en'],
    ] as const
  ).entries()) {
    const id = newId();
    lines.push(id);
    await world.database.query(
      `insert into transcript_lines (org_id, recording_id, id, person_id, speaker, begin_ms, end_ms, language, text, engine)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'test')`,
      [recording.orgId, recording.id, id, person.personId, person.name, index * 5_000, index * 5_000 + 3_000, language, text],
    );
  }
});

afterAll(() => world.close());

const at = (query = '') => `/api/recordings/${recording.id}/transcript${query}`;

describe('a transcript', () => {
  it('is for those who may see the recording, with Chinese as the organisation writes it', async () => {
    const { lines: found, title } = await api.get(transcriptSchema, 'GET', at(), undefined, guest.personId);
    expect(title).toBe('Weekly');
    expect(found.map(({ speaker, text }) => [speaker, text])).toEqual([
      ['Host', 'Good morning <all>.'],
      ['Guest', '我們現在開會，發展計劃之後再説。'],
      ['Host', 'Let us start --> now.'],
    ]);
    const simplified = await api.get(transcriptSchema, 'GET', at('?script=hans'), undefined, host.personId);
    expect(simplified.lines[1]?.text).toBe('我们现在开会，发展计划之后再说。');
    expect((await api.get(transcriptSchema, 'GET', at('?spoken=true'), undefined, host.personId)).lines[1]?.text).toBe(
      '我们现在开会，发展计划之后再说。',
    );
    for (const query of ['', '?format=docx']) expect((await api.api('GET', at(query), undefined, stranger.personId)).status).toBe(404);
    expect((await api.api('GET', at('?format=exe'), undefined, host.personId)).status).toBe(400);
  });

  it('has each who read it written down once, and who may not see it never', async () => {
    await api.get(transcriptSchema, 'GET', at(), undefined, guest.personId);
    await api.get(transcriptSchema, 'GET', at('?spoken=true'), undefined, guest.personId);
    const read = await world.recordings.office.audited('recording.transcript-read');
    expect(read.map(({ actor }) => actor)).toEqual(['Guest', 'Host']);
    expect(read[0]).toMatchObject({ subject: { recording: recording.id }, detail: { version: 0 } });
  });

  it.each([
    ['vtt', 'text/vtt; charset=utf-8', /^WEBVTT Weekly\n\n00:00:00\.000 --> 00:00:03\.000\n<v Host>Good morning &lt;all&gt;\.<\/v>/],
    ['srt', 'application/x-subrip; charset=utf-8', /^1\r\n00:00:00,000 --> 00:00:03,000\r\nHost: Good morning/],
    ['txt', 'text/plain; charset=utf-8', /\[00:00:05\] Guest: 我們現在開會/],
  ])('is a file: %s', async (format, type, content) => {
    const answer = await api.api('GET', at(`?format=${format}`), undefined, host.personId);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="transcript-.*\\.${format}"; filename\\*=UTF-8''Weekly`),
    );
    expect(answer.body).toMatch(content);
  });

  it('is a file that word processors open, and each download is written down', async () => {
    const answer = await fetch(`${api.url}${at('?format=docx')}`, {
      headers: { authorization: `Bearer ${host.personId}`, 'accept-language': 'zh-HK' },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
    const audited = await world.database.query<{ detail: { format: string } }>(
      `select detail from audit_log where org_id = $1 and action = 'recording.transcript-downloaded'`,
      [recording.orgId],
    );
    expect(audited.map(({ detail }) => detail.format).sort()).toEqual(['docx', 'srt', 'txt', 'vtt']);
  });

  it('is corrected by those who manage the recording, and says by whom', async () => {
    const path = `${at()}/${lines[0]}`;
    expect((await api.api('PATCH', path, { text: 'Mine now' }, guest.personId)).status).toBe(403);
    expect((await api.api('PATCH', path, { text: 'Mine now' }, stranger.personId)).status).toBe(404);
    expect((await api.api('PATCH', path, { text: ' \u202e ' }, host.personId)).status).toBe(400);
    expect((await api.api('PATCH', `${at()}/${newId()}`, { text: 'x' }, host.personId)).status).toBe(404);
    const line = await api.get(transcriptLineSchema, 'PATCH', path, { text: 'Good morning,\n all.' }, host.personId);
    expect(line).toMatchObject({ text: 'Good morning, all.', editedBy: host.personId, engine: 'test', beginMs: 0 });
  });
});

describe('settings of captions', () => {
  it('are changed by owners and administrators, a part at a time', async () => {
    const first = await api.get(captionSettingsSchema, 'GET', '/api/captions/settings', undefined, guest.personId);
    expect(first).toEqual({ language: null, script: 'hant', profanity: 'keep', translateTo: [], glossary: [] });
    const glossary = [{ term: 'Causeway', heard: ['cause way'] }];
    expect((await api.api('PUT', '/api/captions/settings', { glossary }, host.personId)).status).toBe(403);
    await api.get(captionSettingsSchema, 'PUT', '/api/captions/settings', { glossary }, world.owner.personId);
    const changed = await api.get(
      captionSettingsSchema,
      'PUT',
      '/api/captions/settings',
      { script: 'hans', language: 'yue' },
      world.owner.personId,
    );
    expect(changed).toEqual({ ...first, glossary, script: 'hans', language: 'yue' });
    const wrong = [{ language: 'Klingon!' }, { glossary: [{ term: '' }] }, { translateTo: ['fr'] }];
    for (const body of wrong) expect((await api.api('PUT', '/api/captions/settings', body, world.owner.personId)).status).toBe(400);
    expect((await api.get(transcriptSchema, 'GET', at(), undefined, host.personId)).lines[1]?.text).toBe(
      '我们现在开会，发展计划之后再说。',
    );
  });

  it('say which languages there are', async () => {
    const languages = await api.get(captionLanguagesSchema, 'GET', '/api/captions/languages', undefined, guest.personId);
    expect(languages).toEqual({ languages: ['en'], detects: false, fallback: 'en', translations: [], problem: null });
  });
});
