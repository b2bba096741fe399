import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDigit, hkid } from '../../../../src/chat/dlp/detectors/hkid.js';
import { checkCharacter, prcId, prcId15 } from '../../../../src/chat/dlp/detectors/prc-id.js';
import { fold } from '../../../../src/chat/dlp/fold.js';

const values = (find: (text: string) => readonly { value: string }[], text: string) => find(fold(text)).map(({ value }) => value);

describe('Hong Kong identity cards', () => {
  it.each([
    // Published examples, and some whose check digit is 0 or A.
    ['A123456(3)', 'A1234563'],
    ['My ID is A123456(3), thanks', 'A1234563'],
    ['身份證號碼A123456(3)，多謝', 'A1234563'],
    ['a123456(3)', 'A1234563'],
    ['A1234563', 'A1234563'],
    ['A123456 (3)', 'A1234563'],
    ['A 123456 (3)', 'A1234563'],
    ['A123 456 (3)', 'A1234563'],
    ['A-123-456-3', 'A1234563'],
    ['A1 2 3 4 5 6 (3)', 'A1234563'],
    ['Ａ１２３４５６（３）', 'A1234563'],
    ['A123456【3】', 'A1234563'],
    ['A123456[3]', 'A1234563'],
    ['A123456( 3 )', 'A1234563'],
    ['A123456(3', 'A1234563'],
    ['A1\u200b23\u200d456(3)', 'A1234563'],
    ['A①②③④⑤⑥(③)', 'A1234563'],
    ['A1️⃣2️⃣3️⃣456(3)', 'A1234563'],
    ['A١٢٣٤٥٦(٣)', 'A1234563'],
    ['A123456–3', 'A1234563'],
    ['AB987654(3)', 'AB9876543'],
    ['ab987654(3)', 'AB9876543'],
    ['G123456(A)', 'G123456A'],
    ['g123456a', 'G123456A'],
    ['C668668(9)', 'C6686689'],
  ])('finds %s', (text, value) => {
    expect(values(hkid, text)).toEqual([value]);
  });

  it.each([
    ['a wrong check digit', 'A123456(4)'],
    ['a wrong letter', 'B123456(3)'],
    ['a check digit of another letter', 'A123456(B)'],
    ['one digit too many', 'A1234567(3)'],
    ['a number that goes on', 'A12345633'],
    ['letters that go on', 'A1234563B'],
    ['three letters', 'XAB987654(3)'],
    ['no letter', '123456(3)'],
    ['digits before', '7A123456(3)'],
    ['a line between', 'A123456\n(3)'],
    ['half a number', 'A12345(3)'],
  ])('finds nothing in %s', (_, text) => {
    expect(hkid(fold(text))).toEqual([]);
  });

  it('finds each of several, with its place', () => {
    const text = 'A123456(3), G123456(A) and A123456(4)';
    expect(hkid(text).map(({ start, end }) => text.slice(start, end))).toEqual(['A123456(3)', 'G123456(A)']);
  });

  const letters = fc.tuple(fc.constantFrom('', ...'ABWXZ'), fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ')).map((both) => both.join(''));
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 6, maxLength: 6 });

  it('finds every number with its right check digit, and none with a wrong one', () => {
    fc.assert(
      fc.property(letters, digits, (prefix, number) => {
        const right = checkDigit(prefix + number);
        for (const check of '0123456789A') expect(hkid(`no. ${prefix}${number}(${check}) `)).toHaveLength(check === right ? 1 : 0);
      }),
    );
  });

  it('does not find a number any more when one digit is another', () => {
    fc.assert(
      fc.property(letters, digits, fc.nat({ max: 5 }), fc.integer({ min: 1, max: 9 }), (prefix, number, place, by) => {
        const changed = [...number].map((digit, index) => (index === place ? (Number(digit) + by) % 10 : digit)).join('');
        expect(hkid(`${prefix}${changed}(${checkDigit(prefix + number)})`)).toEqual([]);
      }),
    );
  });
});

describe('Resident identity cards of the mainland', () => {
  it.each([
    // The example of GB 11643-1999, and one of its annex with X.
    ['11010519491231002X', '11010519491231002X'],
    ['11010519491231002x', '11010519491231002X'],
    ['身份证号11010519491231002X。', '11010519491231002X'],
    ['ID11010519491231002X', '11010519491231002X'],
    ['110105 19491231 002X', '11010519491231002X'],
    ['110105-1949-1231-002X', '11010519491231002X'],
    ['１１０１０５１９４９１２３１００２Ｘ', '11010519491231002X'],
    ['1101051949\u200b1231002X', '11010519491231002X'],
    ['12 11010519491231002X', '11010519491231002X'],
  ])('reads %s as %s', (text, value) => {
    expect(values(prcId, text)).toEqual(value === null ? [] : [value]);
  });

  const withCheck = (body: string) => body + checkCharacter(body);
  it.each([
    ['a day that is not in the calendar', withCheck('11010519490230002')],
    ['a month that is not', withCheck('11010519491331002')],
    ['29 February of a common year', withCheck('11010519490229002')],
    ['a birth to come', withCheck('11010529490228002')],
    ['a birth in the century before last', withCheck('11010518991231002')],
    ['a province that is not there', withCheck('99010519491231002')],
    ['a longer number', `1${withCheck('11010519491231002')}`],
    ['a longer number after it', `${withCheck('11010519490101001')}7`],
    ['a wrong checksum', '110105194912310021'],
  ])('finds nothing in %s', (_, text) => {
    expect(prcId(text)).toEqual([]);
  });

  it('finds 29 February of a leap year', () => {
    expect(prcId(withCheck('11010520000229002'))).toHaveLength(1);
  });

  const body = fc
    .tuple(
      fc.constantFrom('110105', '440524', '310104', '810000'),
      fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2020-12-31T00:00:00Z'), noInvalidDate: true }),
      fc.integer({ min: 0, max: 999 }),
    )
    .map(([region, born, order]) => region + born.toISOString().slice(0, 10).replaceAll('-', '') + String(order).padStart(3, '0'));

  it('finds every number with its right checksum, and none with another', () => {
    fc.assert(
      fc.property(body, (number) => {
        const right = checkCharacter(number);
        for (const check of '0123456789X') expect(prcId(`no. ${number}${check}.`)).toHaveLength(check === right ? 1 : 0);
      }),
    );
  });

  it('does not find a number any more when one digit is another', () => {
    fc.assert(
      fc.property(body, fc.nat({ max: 16 }), fc.integer({ min: 1, max: 9 }), (number, place, by) => {
        const changed = [...number].map((digit, index) => (index === place ? (Number(digit) + by) % 10 : digit)).join('');
        expect(prcId(changed + checkCharacter(number))).toEqual([]);
      }),
    );
  });

  it('finds the 15 digits of old cards only by the date, with the detector for them', () => {
    expect(values(prcId15, '110105491231002')).toEqual(['110105491231002']);
    for (const text of ['110105491331002', '990105491231002', '1101054912310021', '0.110105491231002', '11010519491231002X'])
      expect(prcId15(text)).toEqual([]);
    expect(prcId('110105491231002')).toEqual([]);
  });
});
