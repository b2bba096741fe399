import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SummaryBody } from '../../../../src/recording/summary/schema.js';
import { waitFor } from '../../../support/index.js';
import { ModelServer } from './model-server.js';
import { SummaryWorld } from './summary-world.js';

let world: SummaryWorld;
beforeEach(async () => {
  world = await SummaryWorld.open();
});
afterEach(() => world.close());

/** Olivia asks Peter, and they decide. */
function theyTalk(): Promise<string[]> {
  const { olivia, peter, mei } = world;
  return world.says(
    [olivia, 'Good morning everybody.'],
    [olivia, 'Peter, can you order the cables by Friday?'],
    [peter, 'Sure, no problem.'],
    [mei, '我聽日之前會改好海報。'],
    [olivia, 'We decided to keep the old desks.'],
    [peter, 'Who gets the corner room?'],
    [olivia, "I don't know yet."],
  );
}

const empty: Omit<SummaryBody, 'number'> = { overview: [], topics: [], decisions: [], questions: [] };

describe('The step', () => {
  it('stores what was found, each sentence on its line', async () => {
    const lines = await theyTalk();
    await world.run();
    const summary = await world.read();
    expect(summary).toMatchObject({
      number: 1,
      engine: 'offline',
      model: null,
      fellBack: null,
      editedBy: null,
      posted: null,
      making: false,
    });
    expect(summary.content.decisions).toEqual([
      {
        text: 'We decided to keep the old desks.',
        atMs: 20_000,
        lineId: lines[4],
        origin: 'speech',
        personId: world.olivia.personId,
        speaker: 'Olivia Ng',
      },
    ]);
    expect(summary.content.questions.map(({ lineId }) => lineId)).toEqual([lines[5]]);
    expect(summary.actionItems).toMatchObject([
      { state: 'proposed', what: 'Order the cables by Friday', assignee: { name: 'Peter Chan' }, dueOn: '2026-03-06', lineId: lines[1] },
      { state: 'proposed', assignee: { name: '陳美玲' }, dueOn: '2026-03-05', lineId: lines[3], dueText: '聽日' },
    ]);
  });

  it('that is killed and runs again does nothing twice', async () => {
    await theyTalk();
    await world.run();
    const before = await world.read();
    await world.run();
    expect(await world.read()).toEqual(before);
  });

  it('reads the chat and the polls of the recording, and says what stands on them', async () => {
    const { peter, olivia } = world;
    await theyTalk();
    world.house.chat.messages.push({
      id: 'm1',
      personId: peter.personId,
      name: peter.name,
      at: new Date('2026-03-04T02:01:00Z'),
      text: 'I will book the room tomorrow',
    });
    world.house.chat.polls.push({
      id: 'p1',
      personId: olivia.personId,
      name: olivia.name,
      at: new Date('2026-03-04T02:00:10Z'),
      question: 'Which desk?',
      options: [
        { text: 'Old', votes: 3 },
        { text: 'New', votes: 1 },
      ],
    });
    await world.run();
    const { actionItems, content } = await world.read();
    expect(actionItems.find(({ origin }) => origin === 'chat')).toMatchObject({ lineId: 'm1', atMs: 60_000, dueOn: '2026-03-05' });
    expect(content.topics.flatMap((topic) => topic.sentences).find(({ origin }) => origin === 'poll')?.text).toBe(
      'Which desk? Old: 3, New: 1',
    );
  });

  it('of a recording in which nothing was said is empty and not missing', async () => {
    await world.run();
    expect((await world.read()).content).toEqual({ ...empty });
  });

  it('leaves topics as chapters, in place of those of the version before', async () => {
    await theyTalk();
    await world.run(1);
    await world.run(2);
    const chapters = await world.office.database.query(`select at_ms from recording_chapters where origin = 'topic'`);
    expect(chapters).toHaveLength((await world.read()).content.topics.length);
  });

  it('stores nothing when it is stopped', async () => {
    await theyTalk();
    const stop = new AbortController();
    stop.abort(new Error('Down.'));
    await expect(world.run(1, stop.signal)).rejects.toThrow('Down.');
    expect((await world.call(world.olivia, 'GET', `/recordings/${world.recordingId}/summary`)).status).toBe(404);
  });
});

describe('When words go out of the transcript', () => {
  it('every version loses them, those that people wrote too', async () => {
    const lines = await theyTalk();
    await world.run();
    const { content } = await world.read();
    await world.call(world.olivia, 'PUT', `/recordings/${world.recordingId}/summary`, {
      number: 1,
      ...empty,
      decisions: content.decisions.map(({ lineId }) => ({ text: 'Old desks stay', lineId })),
      overview: [{ text: 'A person’s own words', atMs: 3 }],
    });
    await world.office.database.query('delete from transcript_lines where id = $1', [lines[4]]);
    await world.run(2);
    expect((await world.read()).content).toMatchObject({ decisions: [], overview: [{ text: 'A person’s own words', origin: 'person' }] });
    expect((await world.read(world.olivia, '?number=1')).content.decisions).toEqual([]);
  });

  it('nobody reads them in the summary from that moment on, before the step has been here', async () => {
    const lines = await theyTalk();
    await world.run();
    await world.office.database.query('delete from transcript_lines where id = any($1)', [[lines[1], lines[4]]]);
    const summary = await world.read();
    expect(summary.content.decisions).toEqual([]);
    expect(JSON.stringify(summary)).not.toContain('cables');
    const back = { number: 1, ...empty, decisions: [{ text: 'Old desks', lineId: lines[4] }] };
    expect(await world.call(world.olivia, 'PUT', `/recordings/${world.recordingId}/summary`, back)).toMatchObject({ status: 400 });
  });

  it('because somebody withdrew, what he said is gone at once, and what he is asked to do by others stays', async () => {
    await theyTalk();
    await world.run();
    const recording = await world.recording();
    await world.office.database.transaction((tx) => world.summary.removePerson(tx, recording, world.mei.personId));
    const summary = await world.read();
    expect(summary.actionItems.map(({ assignee }) => assignee?.name)).toEqual(['Peter Chan']);
    expect(JSON.stringify(summary)).not.toContain('海報');
  });

  it('because somebody withdrew and agreed again, what he said and wrote since is there', async () => {
    const { mei, peter } = world;
    await theyTalk();
    const answers = (what: string, number: number, seconds: number) =>
      world.office.database.query(
        `insert into consent_ledger (org_id, recording_id, number, person_id, person_name, what, notice_hash, language, client, at)
         values ($1, $2, $3, $4, 'Mei', $5, 'h', 'en', 'x', $6)`,
        [world.office.orgId, world.recordingId, number, mei.personId, what, new Date(Date.parse('2026-03-04T02:00:00Z') + seconds * 1_000)],
      );
    await world.says([mei, 'We decided to paint the walls green.'], [peter, 'Good.']);
    const wrote = (id: string, at: string, text: string) =>
      world.house.chat.messages.push({ id, personId: mei.personId, name: mei.name, at: new Date(at), text });
    wrote('m1', '2026-03-04T02:00:10Z', 'I will book the room tomorrow');
    wrote('m2', '2026-03-04T02:01:00Z', 'I will call the painter tomorrow');
    await world.run();
    expect(JSON.stringify(await world.read())).toMatch(/book the room.*海報/is);
    await answers('withdrawn-all', 1, 20);
    await answers('yes', 2, 30);
    const recording = await world.recording();
    await world.office.database.query('delete from transcript_lines where person_id = $1 and begin_ms < 30000', [mei.personId]);
    await world.office.database.transaction((tx) => world.summary.removePerson(tx, recording, mei.personId));
    for (const version of [1, 2]) {
      await world.run(version);
      const text = JSON.stringify(await world.read());
      expect(text).not.toMatch(/海報|book the room/i);
      expect(text).toMatch(/painter/);
      expect(text).toMatch(/walls green/);
    }
  });

  it('because a passage was cut, a task that somebody confirmed stays without what it was taken from', async () => {
    const lines = await theyTalk();
    await world.run();
    const item = await world.item('海報');
    await world.call(world.olivia, 'POST', `/action-items/${item.id}/confirm`);
    await world.office.database.query('delete from transcript_lines where id = $1', [lines[3]]);
    await world.run(2);
    expect(await world.item('海報')).toMatchObject({ state: 'confirmed', lineId: null, atMs: null, origin: 'person' });
    // Whose words it is in is known all the same, when he takes them back.
    const recording = await world.recording();
    await world.office.database.transaction((tx) => world.summary.removePerson(tx, recording, world.mei.personId));
    expect((await world.read()).actionItems.map(({ what }) => what)).toEqual(['Order the cables by Friday']);
  });

  it('because somebody withdrew, a task in his words goes, confirmed or not; one that was put into other words stays', async () => {
    const { olivia, mei } = world;
    await theyTalk();
    await world.says([mei, 'I will paint the fence by Monday.']);
    await world.run();
    const [poster, fence] = [await world.item('海報'), await world.item('fence')];
    for (const { id } of [poster, fence]) await world.call(olivia, 'POST', `/action-items/${id}/confirm`);
    await world.call(olivia, 'PATCH', `/action-items/${poster.id}`, { note: 'A1, please' });
    await world.call(olivia, 'PATCH', `/action-items/${fence.id}`, { what: 'See to the fence' });
    const recording = await world.recording();
    await world.office.database.transaction((tx) => world.summary.removePerson(tx, recording, mei.personId));
    const { actionItems } = await world.read();
    expect(actionItems.map(({ what, state, lineId }) => [what, state, lineId === null])).toEqual([
      ['Order the cables by Friday', 'proposed', false],
      ['See to the fence', 'confirmed', true],
    ]);
    expect(await world.office.audited('recording.action-removed')).toMatchObject([
      { actor: '', subject: { recording: world.recordingId, action: poster.id, person: mei.personId } },
    ]);
  });

  it('while a summary is posted, what was posted is corrected at once', async () => {
    const { olivia, mei } = world;
    await theyTalk();
    await world.says([mei, 'We decided to paint the walls green.']);
    await world.run();
    const recording = await world.recording();
    world.house.meanwhile = () => world.office.database.transaction((tx) => world.summary.removePerson(tx, recording, mei.personId));
    await world.call(olivia, 'POST', `/recordings/${world.recordingId}/summary/post`, { number: 1 });
    expect(world.house.posts[0]?.text).toContain('walls green');
    expect(world.house.corrected).toMatchObject([{ number: 1, keeps: false }]);
    expect(world.house.corrected[0]?.text).toMatch(/old desks/);
    expect(world.house.corrected[0]?.text).not.toMatch(/walls green/);
  });

  it('a line that was transcribed anew is the same line', async () => {
    const lines = await theyTalk();
    await world.run();
    const id = randomUUID();
    await world.office.database.query('update transcript_lines set id = $2 where id = $1', [lines[4], id]);
    await world.run();
    expect((await world.read()).content.decisions[0]?.lineId).toBe(id);
  });

  it.each(['withdrawn-all', 'no'])('messages of a person whose last word is %s are not read', async (what) => {
    const { peter } = world;
    world.house.chat.messages.push({
      id: 'm1',
      personId: peter.personId,
      name: peter.name,
      at: new Date('2026-03-04T02:01:00Z'),
      text: 'I will book the room tomorrow',
    });
    await world.office.database.query(
      `insert into consent_ledger (org_id, recording_id, number, person_id, person_name, what, notice_hash, language, client, at)
       values ($1, $2, 1, $3, 'Peter', $4, 'h', 'en', 'x', now())`,
      [world.office.orgId, world.recordingId, peter.personId, what],
    );
    await world.run();
    expect((await world.read()).actionItems).toEqual([]);
  });
});

describe('A person', () => {
  beforeEach(async () => {
    await theyTalk();
    await world.run();
  });

  it('who was in the meeting reads it, and one who was not learns nothing of it', async () => {
    expect(await world.read(world.peter)).toMatchObject({ mayManage: false });
    expect(await world.call(world.stranger, 'GET', `/recordings/${world.recordingId}/summary`)).toMatchObject({
      status: 404,
      body: { error: { code: 'RECORDING_NOT_FOUND' } },
    });
    const { id } = await world.item('cables');
    expect(await world.call(world.stranger, 'POST', `/action-items/${id}/confirm`)).toMatchObject({
      body: { error: { code: 'ACTION_ITEM_NOT_FOUND' } },
    });
  });

  it('who reads it is written down once, however often his page asks; who may not is not', async () => {
    for (let time = 0; time < 3; time += 1) await world.read(world.peter);
    await world.call(world.stranger, 'GET', `/recordings/${world.recordingId}/summary`);
    await world.call(world.mei, 'GET', `/recordings/${world.recordingId}/summary?number=9`);
    expect(await world.office.audited('recording.summary-read')).toMatchObject([
      { actor: 'Peter Chan', subject: { recording: world.recordingId }, detail: { version: 1, number: 1 } },
    ]);
  });

  it('who only was there changes nothing', async () => {
    const { id } = await world.item('cables');
    const path = `/recordings/${world.recordingId}`;
    for (const [method, where, body] of [
      ['PUT', `${path}/summary`, { number: 1, ...empty }],
      ['POST', `${path}/summary/again`, undefined],
      ['POST', `${path}/summary/post`, { number: 1 }],
      ['POST', `${path}/action-items`, { what: 'Mine' }],
      ['PATCH', `/action-items/${id}`, { what: 'Mine' }],
      ['POST', `/action-items/${id}/confirm`, undefined],
      ['POST', `/action-items/${id}/dismiss`, undefined],
      ['POST', `/action-items/${id}/done`, undefined],
    ] as const)
      expect(await world.call(world.peter, method, where, body), where).toMatchObject({
        status: 403,
        body: { error: { code: 'RECORDING_FORBIDDEN' } },
      });
  });

  it('edits it into a new version; another who edited the old one is told', async () => {
    const { content } = await world.read();
    const path = `/recordings/${world.recordingId}/summary`;
    const [decision] = content.decisions;
    const body = { number: 1, ...empty, decisions: [{ text: ' The old desks\u202e stay ', lineId: decision?.lineId }] };
    expect(await world.call(world.olivia, 'PUT', path, body)).toMatchObject({ status: 200 });
    const edited = await world.read();
    expect(edited).toMatchObject({ number: 2, engine: 'offline', editedBy: { name: 'Olivia Ng' } });
    expect(edited.content.decisions).toMatchObject([
      { text: 'The old desks stay', lineId: decision?.lineId, atMs: decision?.atMs, speaker: 'Olivia Ng' },
    ]);
    expect(edited.versions.map(({ number, editedBy }) => [number, editedBy?.name])).toEqual([
      [2, 'Olivia Ng'],
      [1, undefined],
    ]);
    expect(await world.call(world.olivia, 'PUT', path, body)).toMatchObject({ status: 409, body: { error: { code: 'SUMMARY_CHANGED' } } });
    expect((await world.read(world.olivia, '?number=1')).content).toEqual(content);
  });

  it('can let no sentence stand on a line that there is not', async () => {
    const body = { number: 1, ...empty, topics: [{ title: 'T', beginMs: 0, endMs: 1, sentences: [{ text: 'x', lineId: randomUUID() }] }] };
    expect(await world.call(world.olivia, 'PUT', `/recordings/${world.recordingId}/summary`, body)).toMatchObject({
      status: 400,
      body: { error: { code: 'REQUEST_INVALID', field: 'topics.0.sentences.0.lineId' } },
    });
  });

  it.each([
    ['nothing', {}],
    ['a text that is too long', { number: 1, ...empty, decisions: [{ text: 'x'.repeat(1_001) }] }],
    ['an empty text', { number: 1, ...empty, decisions: [{ text: ' \u200b ' }] }],
    ['too many', { number: 1, ...empty, questions: Array.from({ length: 101 }, () => ({ text: 'x' })) }],
    ['a time before the beginning', { number: 1, ...empty, overview: [{ text: 'x', atMs: -1 }] }],
  ])('is refused %s', async (_, body) => {
    expect(await world.call(world.olivia, 'PUT', `/recordings/${world.recordingId}/summary`, body)).toMatchObject({ status: 400 });
  });

  it('has it written again, and keeps what was edited as an earlier version', async () => {
    const path = `/recordings/${world.recordingId}/summary`;
    await world.call(world.olivia, 'PUT', path, { number: 1, ...empty, overview: [{ text: 'Mine' }] });
    expect(await world.call(world.olivia, 'POST', `${path}/again`)).toMatchObject({ status: 200 });
    await waitFor(async () => (await world.read()).number === 3 && !(await world.read()).making, 'the third version');
    expect((await world.read()).editedBy).toBeNull();
    expect((await world.read(world.olivia, '?number=2')).content.overview[0]?.text).toBe('Mine');
  });

  it('posts what he has read, once, marked as made by a machine', async () => {
    const { id } = await world.item('cables');
    await world.call(world.olivia, 'POST', `/action-items/${id}/confirm`);
    const path = `/recordings/${world.recordingId}/summary`;
    expect(await world.call(world.olivia, 'POST', `${path}/post`, { number: 7 })).toMatchObject({
      body: { error: { code: 'SUMMARY_CHANGED' } },
    });
    world.house.mute = 1;
    expect((await world.call(world.olivia, 'POST', `${path}/post`, { number: 1 })).status).toBe(500);
    expect((await world.read()).posted).toBeNull();
    expect(await world.call(world.olivia, 'POST', `${path}/post`, { number: 1 })).toMatchObject({
      status: 200,
      body: { posted: { by: { name: 'Olivia Ng' } } },
    });
    expect(await world.call(world.olivia, 'POST', `${path}/post`, { number: 1 })).toMatchObject({
      status: 409,
      body: { error: { code: 'SUMMARY_POSTED' } },
    });
    expect(world.house.posts).toHaveLength(1);
    expect(world.house.posts[0]?.by).toBe('Olivia Ng');
    const text = world.house.posts[0]?.text ?? '';
    expect(text).toContain('Made by machine from the recording, reviewed by Olivia Ng');
    expect(text).toContain('Order the cables by Friday · Peter Chan · 2026-03-06');
    // Nobody has confirmed it.
    expect(text).not.toContain('海報');
  });

  it('leaves traces of what he decided in the audit log', async () => {
    const { id } = await world.item('cables');
    await world.call(world.olivia, 'POST', `/action-items/${id}/confirm`);
    await world.call(world.olivia, 'PUT', `/recordings/${world.recordingId}/summary`, { number: 1, ...empty });
    const rows = await world.office.database.query<{ action: string }>('select action from audit_log order by number');
    expect(rows.map(({ action }) => action)).toEqual(['recording.summary-read', 'recording.action-confirmed', 'recording.summary-edited']);
  });
});

describe('An action item', () => {
  beforeEach(async () => {
    await theyTalk();
    await world.run();
  });

  it('that is confirmed is told to its assignee with the day, and is his until it is done', async () => {
    const { id } = await world.item('cables');
    expect(await world.call(world.olivia, 'POST', `/action-items/${id}/confirm`)).toMatchObject({ body: { state: 'confirmed' } });
    await waitFor(() => world.house.told.length === 1 && world.confirmed.length === 1, 'the assignee is told');
    expect(world.house.told[0]).toMatchObject({
      personId: world.peter.personId,
      action: { id, what: 'Order the cables by Friday', dueOn: '2026-03-06', recordingTitle: 'Weekly', confirmedBy: world.olivia.personId },
    });
    const mine = () => world.call(world.peter, 'GET', '/action-items/mine');
    expect(await mine()).toMatchObject({ body: { items: [{ id, recordingTitle: 'Weekly', dueOn: '2026-03-06' }] } });
    expect(await world.call(world.mei, 'GET', '/action-items/mine')).toMatchObject({ body: { items: [] } });
    expect(await world.call(world.peter, 'POST', `/action-items/${id}/done`)).toMatchObject({ body: { state: 'done' } });
    expect(await mine()).toMatchObject({ body: { items: [] } });
  });

  it('is told until it was heard, and once for each thing that changed', async () => {
    world.house.deaf = 1;
    const { id } = await world.item('cables');
    await world.call(world.olivia, 'POST', `/action-items/${id}/confirm`);
    await world.call(world.olivia, 'POST', `/action-items/${id}/confirm`);
    await waitFor(() => world.house.told.length === 1, 'the assignee is told');
    await world.call(world.olivia, 'PATCH', `/action-items/${id}`, { assigneeId: world.mei.personId, dueOn: '2026-03-20' });
    await waitFor(() => world.house.told.length === 2, 'the other is told');
    expect(world.house.told[1]).toMatchObject({ personId: world.mei.personId, action: { dueOn: '2026-03-20' } });
    expect(world.house.told).toHaveLength(2);
  });

  it('of whoever confirms it himself is not told to him', async () => {
    const { id } = await world.item('cables');
    await world.call(world.olivia, 'PATCH', `/action-items/${id}`, { assigneeId: world.olivia.personId });
    await world.call(world.olivia, 'POST', `/action-items/${id}/confirm`);
    await waitFor(() => world.confirmed.length === 1, 'the event');
    expect(world.house.told).toEqual([]);
  });

  it('that was refused, or changed, is not proposed once more', async () => {
    const [cables, poster] = [await world.item('cables'), await world.item('海報')];
    await world.call(world.olivia, 'POST', `/action-items/${cables.id}/dismiss`);
    await world.call(world.olivia, 'PATCH', `/action-items/${poster.id}`, { what: 'Posters in both languages', note: 'A3' });
    await world.call(world.olivia, 'POST', `/recordings/${world.recordingId}/summary/again`);
    await waitFor(async () => (await world.read()).number === 2, 'the second version');
    const { actionItems } = await world.read();
    expect(actionItems.map(({ what, state }) => [what, state])).toEqual([
      ['Order the cables by Friday', 'dismissed'],
      ['Posters in both languages', 'proposed'],
    ]);
    expect((await world.read(world.peter)).actionItems.map(({ state }) => state)).toEqual(['proposed']);
  });

  it('that the machine missed is added by a person', async () => {
    const added = await world.call(world.olivia, 'POST', `/recordings/${world.recordingId}/action-items`, {
      what: 'Call the landlord',
      assigneeId: world.peter.personId,
      dueOn: '2026-04-01',
      atMs: 1_000,
    });
    expect(added).toMatchObject({
      status: 200,
      body: { state: 'proposed', origin: 'person', edited: true, assignee: { name: 'Peter Chan' } },
    });
    expect((await world.read()).actionItems).toHaveLength(3);
    expect(await world.office.audited('recording.action-added')).toMatchObject([
      { actor: 'Olivia Ng', subject: { recording: world.recordingId, action: expect.any(String), person: world.peter.personId } },
    ]);
  });

  it('is nobody’s who is not of the organisation', async () => {
    const { id } = await world.item('cables');
    expect(await world.call(world.olivia, 'PATCH', `/action-items/${id}`, { assigneeId: randomUUID() })).toMatchObject({
      status: 404,
      body: { error: { code: 'PERSON_NOT_FOUND', field: 'assigneeId' } },
    });
  });

  it('that nobody has confirmed is not done', async () => {
    const { id } = await world.item('cables');
    expect(await world.call(world.olivia, 'POST', `/action-items/${id}/done`)).toMatchObject({
      status: 409,
      body: { error: { code: 'ACTION_ITEM_STATE' } },
    });
  });

  it.each([
    ['a day that there is not', { dueOn: '2026-02-30' }],
    ['a time', { dueOn: '2026-02-03T10:00:00Z' }],
    ['an assignee who is no id', { assigneeId: 'Peter' }],
    ['nothing to do', { what: '  ' }],
    ['a note without end', { note: 'x'.repeat(2_001) }],
  ])('is refused %s', async (_, patch) => {
    const { id } = await world.item('cables');
    expect((await world.call(world.olivia, 'PATCH', `/action-items/${id}`, patch)).status).toBe(400);
  });

  it('of another organisation is not there', async () => {
    const { id } = await world.item('cables');
    const foreign = { ...world.olivia, orgId: randomUUID(), personId: randomUUID(), role: 'owner' as const };
    for (const act of ['confirm', 'dismiss', 'done'])
      expect(await world.call(foreign, 'POST', `/action-items/${id}/${act}`)).toMatchObject({
        body: { error: { code: 'ACTION_ITEM_NOT_FOUND' } },
      });
  });
});

it('Two who decide at once leave one decision', async () => {
  await theyTalk();
  await world.run();
  const { id } = await world.item('cables');
  const answers = await Promise.all(Array.from({ length: 6 }, () => world.call(world.olivia, 'POST', `/action-items/${id}/confirm`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const rows = await world.office.database.query(`select 1 from audit_log where action = 'recording.action-confirmed'`);
  expect(rows).toHaveLength(1);
});

describe('With a server for summaries', () => {
  it('what a model wrote of an earlier version goes whole: it can’t be cut', async () => {
    const server = await ModelServer.start();
    const modelled = await SummaryWorld.open({ SUMMARY_URL: server.url, SUMMARY_MODEL: 'small' });
    try {
      server.play = () =>
        JSON.stringify({
          overview: [{ text: 'Peter and Mei talked.', line: 'L1' }],
          topics: [],
          decisions: [],
          questions: [],
          actions: [],
        });
      await modelled.says([modelled.olivia, 'Hello.'], [modelled.peter, 'My secret plan.']);
      await modelled.run(1);
      expect(await modelled.read()).toMatchObject({ engine: 'server', model: 'small', number: 1 });
      await modelled.office.database.query(`update recordings set state = 'processing'`);
      await expect(modelled.read()).rejects.toThrow('SUMMARY_NOT_FOUND');
      await modelled.office.database.query(`update recordings set state = 'ready'`);
      const recording = await modelled.recording();
      await modelled.office.database.transaction((tx) => modelled.summary.removePerson(tx, recording, modelled.peter.personId));
      expect(await modelled.office.database.query('select 1 from recording_summaries')).toEqual([]);
      await modelled.run(2);
      expect(await modelled.read()).toMatchObject({ engine: 'server' });
      server.play = () => 'rubbish';
      await modelled.run(3);
      expect(await modelled.read()).toMatchObject({ engine: 'offline', fellBack: 'rubbish' });
    } finally {
      await modelled.close();
      await server.close();
    }
  });
});
