import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { Audience } from '../../../src/signaling/audience.js';
import type { ParticipantState } from '../../../src/signaling/meeting-state.js';

function viewer(id: string, name = id): ParticipantState {
  const role = causeway.Role.ROLE_VIEWER;
  return { id, personId: `person-${id}`, name, role, guest: true, connected: true, handRaisedAt: 0, joinedAt: 1, producers: [] };
}

function audienceOf(...names: readonly string[]): Audience {
  const audience = new Audience();
  for (const [index, name] of names.entries()) audience.add(viewer(String(index), name));
  return audience;
}

const all = { query: '', cursor: '', limit: 0 };
const namesOf = (audience: Audience, asked: Partial<typeof all> = {}) =>
  audience.list({ ...all, ...asked }).viewers.map(({ name }) => name);
const invalid = (field: string) => expect.objectContaining({ code: 'REQUEST_INVALID', field });

describe('The viewers of a webinar', () => {
  it('are listed by name, people of one name too', () => {
    expect(namesOf(audienceOf('Viewer 10', 'ben', 'Viewer 9', 'Ana', '王小明', 'Ana'))).toEqual([
      'Ana',
      'Ana',
      'ben',
      'Viewer 9',
      'Viewer 10',
      '王小明',
    ]);
  });

  it('are listed with raised hands first, oldest first', () => {
    const audience = audienceOf('Ana', 'Ben', 'Cat', 'Dan');
    audience.update('3', { handRaisedAt: 10 });
    audience.update('1', { handRaisedAt: 20 });
    expect(namesOf(audience)).toEqual(['Dan', 'Ben', 'Ana', 'Cat']);
    audience.update('3', { handRaisedAt: 0 });
    expect(namesOf(audience)).toEqual(['Ben', 'Ana', 'Cat', 'Dan']);
    expect(audience.hands.map(({ name }) => name)).toEqual(['Ben']);
  });

  it('are found by a part of their name, however it is written', () => {
    const audience = audienceOf('Ana Wong', 'Ｗｏｎｇ Ka-ming', 'Ben', '王小明');
    expect(namesOf(audience, { query: 'wong' })).toEqual(['Ana Wong', 'Ｗｏｎｇ Ka-ming']);
    expect(audience.list({ ...all, query: '小', limit: 1 })).toMatchObject({ total: 1, cursor: null });
    expect(namesOf(audience, { query: 'nobody' })).toEqual([]);
  });

  it('come page by page, each once, whatever the length of a page', () => {
    const audience = audienceOf(...Array.from({ length: 23 }, (_, index) => `Viewer ${index % 7}`));
    for (const id of ['5', '11', '20']) audience.update(id, { handRaisedAt: 100 });
    const whole = audience.list({ ...all, limit: 200 });
    for (const limit of [1, 2, 5, 22, 23, 24]) {
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = audience.list({ ...all, cursor, limit });
        expect(page.viewers.length).toBeLessThanOrEqual(limit);
        expect(page.total).toBe(23);
        ids.push(...page.viewers.map(({ id }) => id));
        cursor = page.cursor;
      }
      expect(ids).toEqual(whole.viewers.map(({ id }) => id));
    }
  });

  it('do not lose their place in the list when the one before leaves', () => {
    const audience = audienceOf('Ana', 'Ben', 'Cat', 'Dan');
    const { viewers, cursor } = audience.list({ ...all, limit: 2 });
    audience.delete(viewers[1]!.id);
    expect(namesOf(audience, { cursor: cursor ?? '' })).toEqual(['Cat', 'Dan']);
  });

  it('are not listed by what no page would ask for', () => {
    const audience = audienceOf('Ana');
    for (const limit of [201, 0xffff_ffff]) expect(() => audience.list({ ...all, limit })).toThrow(invalid('limit'));
    expect(() => audience.list({ ...all, query: 'x'.repeat(121) })).toThrow(invalid('query'));
    const written = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const cursor of ['x', '!', written(null), written([0, 'Ana']), written([-1, 'Ana', '0']), written([0, 1, 2]), 'x'.repeat(3_000)])
      expect(() => audience.list({ ...all, cursor }), cursor).toThrow(invalid('cursor'));
    expect(namesOf(audience, { limit: 200 })).toEqual(['Ana']);
  });

  it('are gone with their hands when they leave', () => {
    const audience = audienceOf('Ana', 'Ben');
    audience.update('0', { handRaisedAt: 5 });
    expect(audience.delete('0')).toMatchObject({ name: 'Ana' });
    expect(audience.delete('0')).toBeUndefined();
    expect([audience.size, audience.hands, namesOf(audience)]).toEqual([1, [], ['Ben']]);
    expect(audience.update('0', { connected: false })).toBe(false);
  });
});
