import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commentSchema, commentsSchema, reviewSchema, reviewsSchema } from '../../../../src/recording/archive/schema.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { ArchiveWorld, codeOf } from './archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
beforeAll(async () => {
  world = await ArchiveWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  recording = await world.recording();
});

describe('comments', () => {
  const comments = () => `/api/recordings/${recording.id}/comments`;
  const say = async (by: typeof world.host, body: object) => {
    // Two of one moment have no order.
    world.later(1);
    return commentSchema.parse((await world.as(by, 'POST', comments(), body)).body);
  };
  const all = async (by = world.member) => commentsSchema.parse((await world.as(by, 'GET', comments())).body).comments;

  it('stand at their moment, answers behind what they answer', async () => {
    const late = await say(world.host, { text: 'late', atMs: 9_000 });
    const early = await say(world.member, { text: 'early', atMs: 1_000 });
    const answer = await say(world.member, { text: 'answer', replyTo: late.id });
    await say(world.host, { text: 'answer to the answer', replyTo: answer.id });
    expect((await all()).map(({ text, atMs, replyTo }) => [text, atMs, replyTo])).toEqual([
      ['early', 1_000, null],
      ['late', 9_000, null],
      ['answer', 9_000, late.id],
      ['answer to the answer', 9_000, late.id],
    ]);
    expect((await all()).map(({ mayDelete }) => mayDelete)).toEqual([true, false, true, false]);
    expect((await all(world.host)).every(({ mayDelete }) => mayDelete)).toBe(true);
    expect(early.person).toEqual({ id: world.member.personId, name: 'Milo' });
  });

  it('keep lines, and lose what turns text around or can not be stored', async () => {
    const { text } = await say(world.member, { text: ' 第一行\u202e\n\0<b>two</b> ' });
    expect(text).toBe('第一行\n<b>two</b>');
    expect(codeOf(await world.as(world.member, 'POST', comments(), { text: ' \u202e ' }))).toBe('REQUEST_INVALID');
  });

  it('are deleted by who wrote them or who manages the recording; what has answers keeps its place', async () => {
    const head = await say(world.member, { text: 'head', atMs: 1_000 });
    const answer = await say(world.host, { text: 'answer', replyTo: head.id });
    expect(codeOf(await world.as(world.member, 'DELETE', `${comments()}/${answer.id}`))).toBe('RECORDING_FORBIDDEN');
    expect((await world.as(world.host, 'DELETE', `${comments()}/${head.id}`)).status).toBe(200);
    expect((await all()).map(({ text, person }) => [text, person?.name])).toEqual([
      ['', undefined],
      ['answer', 'Hana'],
    ]);
    expect(codeOf(await world.as(world.host, 'DELETE', `${comments()}/${head.id}`))).toBe('COMMENT_NOT_FOUND');
    await world.as(world.host, 'DELETE', `${comments()}/${answer.id}`);
    expect(await all()).toEqual([]);
    const deleted = (await world.audited('recording.comment-deleted')).filter(({ subject }) => subject.recording === recording.id);
    expect(deleted).toMatchObject([{ subject: { person: world.member.personId } }, { subject: { person: world.host.personId } }]);
  });

  it('are refused outside of the recording, and to who may not see it', async () => {
    const to = (body: object, by = world.member) => world.as(by, 'POST', comments(), body);
    expect(codeOf(await to({ text: 'x', atMs: 3_600_001 }))).toBe('REQUEST_INVALID');
    expect(codeOf(await to({ text: 'x', replyTo: recording.id }))).toBe('COMMENT_NOT_FOUND');
    expect(codeOf(await to({ text: 'x'.repeat(4_001) }))).toBe('REQUEST_INVALID');
    expect(codeOf(await to({ text: 'x' }, world.other))).toBe('RECORDING_NOT_FOUND');
  });

  it('of somebody who is removed from the recording go with him', async () => {
    const head = await say(world.member, { text: 'mine', atMs: 1_000 });
    await say(world.host, { text: 'yours', replyTo: head.id });
    await say(world.member, { text: 'mine too', replyTo: head.id });
    await world.database.transaction((tx) => world.archive.removePerson(tx, recording, world.member.personId));
    expect((await all(world.host)).map(({ text }) => text)).toEqual(['', 'yours']);
  });
});

describe('a review', () => {
  const assign = async (body: object = {}) => {
    const answer = await world.as(world.admin, 'POST', `/api/recordings/${recording.id}/reviews`, {
      reviewerId: world.other.personId,
      task: 'Look for promises of returns',
      dueOn: '2030-01-31',
      ...body,
    });
    return reviewSchema.parse(answer.body);
  };
  const at = (id: string, rest = '') => `/api/recording-reviews/${id}${rest}`;

  it('lets the reviewer see the recording until he is through', async () => {
    const review = await assign();
    expect(review).toMatchObject({
      reviewer: { name: 'Otto' },
      assignedBy: { name: 'Adam' },
      dueOn: '2030-01-31',
      outcome: null,
      mine: false,
    });
    expect(await world.archive.sharedWith(world.other)).toContain(recording.id);
    const plays = `/api/recordings/${recording.id}/plays`;
    expect((await world.as(world.other, 'POST', plays)).status).toBe(200);
    expect(codeOf(await world.as(world.other, 'GET', `/api/recordings/${recording.id}/files/meeting.mp4`))).toBe('RECORDING_FORBIDDEN');
    expect((await world.as(world.other, 'POST', at(review.id, '/finish'), { outcome: 'cleared' })).status).toBe(200);
    expect(codeOf(await world.as(world.other, 'POST', plays))).toBe('RECORDING_NOT_FOUND');
    const mine = reviewsSchema.parse((await world.as(world.other, 'GET', '/api/recording-reviews/mine')).body).reviews;
    expect(mine[0]).toMatchObject({ id: review.id, outcome: 'cleared', mine: true });
  });

  it('marks passages, and is changed by the reviewer alone until it is finished', async () => {
    const { id } = await assign();
    const mark = { fromMs: 61_000, toMs: 65_500, label: 'Promise', note: '保證回報' };
    const marked = reviewSchema.parse((await world.as(world.other, 'POST', at(id, '/marks'), mark)).body);
    const markId = marked.marks[0]?.id ?? '';
    expect(marked.marks).toMatchObject([mark]);
    expect(codeOf(await world.as(world.admin, 'POST', at(id, '/marks'), mark))).toBe('RECORDING_FORBIDDEN');
    expect(codeOf(await world.as(world.other, 'POST', at(id, '/marks'), { ...mark, toMs: 1 }))).toBe('REQUEST_INVALID');
    expect(codeOf(await world.as(world.other, 'POST', at(id, '/marks'), { ...mark, fromMs: 4_000_000, toMs: 4_000_000 }))).toBe(
      'REQUEST_INVALID',
    );
    const changed = await world.as(world.other, 'PUT', at(id, `/marks/${markId}`), { ...mark, label: 'Guarantee' });
    expect(reviewSchema.parse(changed.body).marks).toMatchObject([{ id: markId, label: 'Guarantee' }]);
    await world.as(world.other, 'POST', at(id, '/finish'), { outcome: 'flagged', conclusion: 'One promise.', language: 'zh-Hant' });
    for (const [method, rest, body] of [
      ['POST', '/marks', mark],
      ['DELETE', `/marks/${markId}`, undefined],
      ['POST', '/finish', { outcome: 'cleared' }],
    ] as const)
      expect(codeOf(await world.as(world.other, method, at(id, rest), body))).toBe('REVIEW_FINISHED');
    expect((await world.audited('recording.review-finished')).at(-1)).toMatchObject({
      actor: 'Otto',
      detail: { outcome: 'flagged', marks: 1 },
    });
  });

  it('has a report as PDF when it is finished, for who governs and for the reviewer', async () => {
    const { id } = await assign();
    expect(codeOf(await world.as(world.admin, 'GET', at(id, '/report.pdf')))).toBe('REVIEW_OPEN');
    const finished = await world.as(world.other, 'POST', at(id, '/finish'), {
      outcome: 'escalated',
      conclusion: '需要跟進',
      language: 'zh-Hant',
    });
    for (const person of [world.admin, world.other]) {
      const report = await world.fetch(at(id, '/report.pdf'), { person });
      const bytes = Buffer.from(await report.arrayBuffer());
      expect([report.headers.get('content-type'), bytes.subarray(0, 5).toString()]).toEqual(['application/pdf', '%PDF-']);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(reviewSchema.parse(finished.body).reportSha256);
    }
    expect(codeOf(await world.as(world.member, 'GET', at(id, '/report.pdf')))).toBe('REVIEW_NOT_FOUND');
    const taken = (await world.audited('recording.review-report-taken')).filter(({ subject }) => subject.review === id);
    expect(taken.map(({ actor }) => actor)).toEqual(['Adam', 'Otto']);
  });

  it('is given out by who governs, to colleagues, and withdrawn by him', async () => {
    const to = (body: object, by = world.admin) => world.as(by, 'POST', `/api/recordings/${recording.id}/reviews`, body);
    expect(codeOf(await to({ reviewerId: world.other.personId }, world.host))).toBe('RECORDING_FORBIDDEN');
    expect(codeOf(await to({ reviewerId: recording.id }))).toBe('SHARE_PERSON');
    const { id } = await assign();
    expect(codeOf(await world.as(world.other, 'DELETE', at(id)))).toBe('RECORDING_FORBIDDEN');
    expect((await world.as(world.admin, 'DELETE', at(id))).status).toBe(200);
    expect(codeOf(await world.as(world.other, 'GET', at(id)))).toBe('REVIEW_NOT_FOUND');
    expect(await world.archive.sharedWith(world.other)).not.toContain(recording.id);
  });

  it('is listed to who governs, and to the reviewer his own', async () => {
    await assign();
    await assign({ reviewerId: world.member.personId });
    const list = async (by: typeof world.host) =>
      reviewsSchema
        .parse((await world.as(by, 'GET', `/api/recordings/${recording.id}/reviews`)).body)
        .reviews.map(({ reviewer }) => reviewer.name)
        .sort();
    expect(await list(world.admin)).toEqual(['Milo', 'Otto']);
    expect(await list(world.other)).toEqual(['Otto']);
    expect(await list(world.host)).toEqual([]);
  });
});
