import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, storable, storableText } from '../../../src/platform/canonical-json.js';
import { genesis, hashRow } from '../../../src/services/audit/chain.js';

const row = {
  orgId: '01890000-0000-7000-8000-000000000001',
  number: 1,
  at: '2026-03-01T09:30:00.123000Z',
  actorId: null,
  actor: '',
  action: 'chat.dlp-blocked',
  subject: { conversation: 'c' },
  detail: { rule: 'HKID', found: { hkid: 1 } },
};

describe('The chain of the audit log', () => {
  it('hashes what the documentation says: the hash before, then RFC 8785 of the row', () => {
    const text =
      '{"action":"chat.dlp-blocked","actor":"","actorId":null,"at":"2026-03-01T09:30:00.123000Z","detail":{"found":{"hkid":1},"rule":"HKID"},"number":1,"orgId":"01890000-0000-7000-8000-000000000001","subject":{"conversation":"c"}}';
    expect(hashRow(genesis, row)).toEqual(createHash('sha256').update(Buffer.alloc(32)).update(text, 'utf8').digest());
  });

  it('writes the same for members in any order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonical(storable(turned))).toBe(canonical(storable(object)));
      }),
    );
  });

  it('writes JSON that says the same as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(storable(value)))).toEqual(JSON.parse(JSON.stringify(storable(value))));
      }),
    );
  });

  it.each([
    ['the organisation', { orgId: '01890000-0000-7000-8000-000000000002' }],
    ['the number', { number: 2 }],
    ['a microsecond', { at: '2026-03-01T09:30:00.123001Z' }],
    ['the actor', { actorId: '01890000-0000-7000-8000-000000000003' }],
    ['the actor’s name', { actor: 'Ana' }],
    ['the action', { action: 'chat.dlp-warned' }],
    ['the subject', { subject: { conversation: 'd' } }],
    ['the detail', { detail: { rule: 'HKID', found: { hkid: 2 } } }],
  ])('gives another hash when %s changes', (_, change) => {
    expect(hashRow(genesis, { ...row, ...change })).not.toEqual(hashRow(genesis, row));
  });

  it('drops what a database does not hold: NUL, halves of surrogate pairs, what JSON has no word for', () => {
    expect(storableText('a\0b\ud800c\u{1f600}')).toBe('ab\ufffdc\u{1f600}');
    expect(storable({ a: undefined, b: Number.NaN, c: new Date(0), d: () => 1, 'e\0': [undefined] })).toEqual({
      b: null,
      c: '1970-01-01T00:00:00.000Z',
      d: null,
      e: [null],
    });
  });
});
