import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { card, hasLuhn, isCard } from '../../../../src/chat/dlp/detectors/card.js';
import { iban } from '../../../../src/chat/dlp/detectors/iban.js';
import { phone } from '../../../../src/chat/dlp/detectors/phone.js';
import { fold } from '../../../../src/chat/dlp/fold.js';

const values = (find: (text: string) => readonly { value: string }[], text: string) => find(fold(text)).map(({ value }) => value);

describe('Payment cards', () => {
  it.each([
    // Numbers that schemes publish for tests.
    ['4111111111111111', '4111111111111111'],
    ['4111 1111 1111 1111', '4111111111111111'],
    ['4111-1111-1111-1111', '4111111111111111'],
    ['4111.1111.1111.1111', '4111111111111111'],
    ['4111 - 1111 - 1111 - 1111', '4111111111111111'],
    ['４１１１　１１１１　１１１１　１１１１', '4111111111111111'],
    ['4111\u200b1111\u00ad1111\u20601111', '4111111111111111'],
    ['4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '4111111111111111'],
    ['41111 11111 111111', '4111111111111111'],
    ['卡號4111111111111111。', '4111111111111111'],
    ['order 12 4111 1111 1111 1111 ok', '4111111111111111'],
    ['1: 4111 1111 1111 1111 12/28', '4111111111111111'],
    ['4222222222222', '4222222222222'],
    ['5555555555554444', '5555555555554444'],
    ['2223003122003222', '2223003122003222'],
    ['378282246310005', '378282246310005'],
    ['3782 822463 10005', '378282246310005'],
    ['30569309025904', '30569309025904'],
    ['3056 930902 5904', '30569309025904'],
    ['6011111111111117', '6011111111111117'],
    ['3530111333300000', '3530111333300000'],
    ['6200000000000005', '6200000000000005'],
    ['6205500000000000004', '6205500000000000004'],
    ['6205 5000 0000 0000 004', '6205500000000000004'],
  ])('finds %s', (text, value) => {
    expect(values(card, text)).toEqual([value]);
  });

  it.each([
    ['a wrong check digit', '4111111111111112'],
    ['a range that no issuer has', '1111111111111117'],
    ['a length that the issuer does not have', '41111111111111'],
    ['a longer number', '14111111111111111'],
    ['a longer number after it', '41111111111111113'],
    ['the places of a decimal fraction', '0.4111111111111111'],
    ['a time in milliseconds', '1700000000000'],
    ['lines', '4111 1111\n1111 1111'],
    ['a table of small numbers', '41 11 11 11 11 11 11 11 25 36 47 58 69 70 81 92'],
  ])('finds nothing in %s', (_, text) => {
    expect(card(text)).toEqual([]);
  });

  it('finds each of several, with its place', () => {
    const text = 'a 4111 1111 1111 1111, b 5555-5555-5555-4444 5555';
    expect(card(text).map(({ start, end }) => text.slice(start, end))).toEqual(['4111 1111 1111 1111', '5555-5555-5555-4444']);
  });

  const number = fc
    .tuple(
      fc.constantFrom('4', '51', '55', '2221', '2720', '62', '6011', '3528'),
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 15, maxLength: 15 }),
    )
    .map(([prefix, rest]) => (prefix + rest).slice(0, 15))
    .map((body) => [...'0123456789'].map((check) => body + check).find(hasLuhn) ?? '');

  it('finds every number of an issuer with its right check digit, in groups and without', () => {
    fc.assert(
      fc.property(number, fc.constantFrom('', ' ', '-'), (digits, separator) => {
        expect(values(card, `no. ${digits.match(/.{4}/g)?.join(separator)} `)).toEqual([digits]);
      }),
    );
  });

  it('does not find a number any more when one digit is another, or two neighbours change places', () => {
    fc.assert(
      fc.property(number, fc.nat({ max: 14 }), fc.integer({ min: 1, max: 9 }), (digits, place, by) => {
        const changed = [...digits].map((digit, index) => (index === place ? (Number(digit) + by) % 10 : digit)).join('');
        expect(isCard(changed)).toBe(false);
        expect(card(changed)).toEqual([]);
        const [a = '', b = ''] = digits.slice(place, place + 2);
        // Luhn's only blind spot.
        if (a !== b && `${a}${b}` !== '09' && `${a}${b}` !== '90')
          expect(card(digits.slice(0, place) + b + a + digits.slice(place + 2))).toEqual([]);
      }),
    );
  });
});

describe('International bank account numbers', () => {
  it.each([
    ['GB82WEST12345698765432', 'GB82WEST12345698765432'],
    ['GB82 WEST 1234 5698 7654 32', 'GB82WEST12345698765432'],
    ['gb82 west 1234 5698 7654 32', 'GB82WEST12345698765432'],
    ['IBAN:GB82 WEST 1234 5698 7654 32 please', 'GB82WEST12345698765432'],
    ['匯款至DE89370400440532013000。', 'DE89370400440532013000'],
    ['DE89-3704-0044-0532-0130-00', 'DE89370400440532013000'],
    ['ＤＥ８９３７０４００４４０５３２０１３０００', 'DE89370400440532013000'],
    ['MT84MALT011000012345MTLCAST001S', 'MT84MALT011000012345MTLCAST001S'],
    ['NO9386011117947', 'NO9386011117947'],
    ['FR1420041010050500013M02606', 'FR1420041010050500013M02606'],
  ])('finds %s', (text, value) => {
    expect(values(iban, text)).toEqual([value]);
  });

  it.each([
    ['wrong check digits', 'GB83WEST12345698765432'],
    ['a country that has none', 'ZZ82WEST12345698765432'],
    ['a missing digit', 'GB82WEST1234569876543'],
    ['a digit too many', 'GB82WEST123456987654321'],
    ['letters before it', 'XGB82WEST12345698765432'],
    ['letters where the country has digits', 'DE89370400440532O13000'],
    ['lines', 'GB82 WEST 1234\n5698 7654 32'],
  ])('finds nothing in %s', (_, text) => {
    expect(iban(fold(text))).toEqual([]);
  });

  const german = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 18, maxLength: 18 }).map((bban) => {
    // ISO 7064 MOD 97-10: D is 13, E is 14.
    const check = 98n - (BigInt(`${bban}131400`) % 97n);
    return `DE${String(check).padStart(2, '0')}${bban}`;
  });

  it('finds every number with its right check digits, and none with one digit changed', () => {
    fc.assert(
      fc.property(german, fc.integer({ min: 2, max: 21 }), fc.integer({ min: 1, max: 9 }), (number, place, by) => {
        expect(values(iban, number)).toEqual([number]);
        expect(values(iban, number.replace(/.{4}/g, '$& '))).toEqual([number]);
        const changed = [...number].map((digit, index) => (index === place ? (Number(digit) + by) % 10 : digit)).join('');
        expect(iban(changed)).toEqual([]);
      }),
    );
  });
});

describe('Phone numbers', () => {
  it.each([
    ['9123 4567', '+85291234567'],
    ['91234567', '+85291234567'],
    ['9123-4567', '+85291234567'],
    ['Tel. 2345 6789, ext. 12', '+85223456789'],
    ['請致電９１２３４５６７聯絡陳小姐', '+85291234567'],
    ['+852 9123 4567', '+85291234567'],
    ['(+852) 9123 4567', '+85291234567'],
    ['(852) 9123-4567', '+85291234567'],
    ['852-91234567', '+85291234567'],
    ['00852 9123 4567', '+85291234567'],
    ['9\u200b1\u200b2\u200b3 4567', '+85291234567'],
    ['9 1 2 3 4 5 6 7', '+85291234567'],
    ['call 9123 4567 8 pm', '+85291234567'],
    ['13800138000', '+8613800138000'],
    ['138 0013 8000', '+8613800138000'],
    ['+86 138-0013-8000', '+8613800138000'],
    ['86 138 0013 8000', '+8613800138000'],
    ['手机：138 0013 8000', '+8613800138000'],
    ['010-62785001', '+861062785001'],
    ['0755 8888 8888', '+8675588888888'],
    ['+1 (213) 373-4253', '+12133734253'],
    ['+44 20 7946 0958', '+442079460958'],
    ['+81-3-3224-5000', '+81332245000'],
    ['+853 6612 3456', '+85366123456'],
  ])('finds %s', (text, value) => {
    expect(values(phone, text)).toEqual([value]);
  });

  it.each([
    ['a date', '2026-11-23'],
    ['a date and a time', '2026-11-23 09:30, 23/11/2026, 20261123'],
    ['a year and pages', '2019 1234'],
    ['a number of seven digits', '234 5678'],
    ['a number that begins as none does', '1234 5678'],
    ['a longer number', '912345678901'],
    ['a part of an account', '012-912345678-838'],
    ['a card', '5123 4567 8901 2346'],
    ['an amount in groups of three', '23 456 789'],
    ['an amount', '23,456,789.00'],
    ['a version', '3.10.12.2345'],
    ['a country that is not there', '+999 1123 4567'],
    ['a mobile phone of the mainland with a digit too many', '138001380001'],
    ['a table of digits', '2 3 4 5 6 7 8 9 1 2 3 4'],
    ['an address on the net', '192.168.100.200'],
  ])('finds nothing in %s', (_, text) => {
    expect(values(phone, text)).toEqual([]);
  });

  it('finds each of several, with its place', () => {
    const text = 'Ana 9123 4567, Ben +86 138 0013 8000 / 6123 4567';
    expect(phone(text).map(({ start, end }) => text.slice(start, end))).toEqual(['9123 4567', '+86 138 0013 8000', '6123 4567']);
  });

  it('finds every mobile number of Hong Kong in the ways it is written', () => {
    const mobile = fc
      .tuple(
        fc.constantFrom('9'),
        fc.constantFrom('4', '6', '7'),
        fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 6, maxLength: 6 }),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(mobile, fc.constantFrom('', '+852 ', '(852) '), fc.constantFrom('', ' ', '-'), (digits, code, separator) => {
        expect(values(phone, `: ${code}${digits.slice(0, 4)}${separator}${digits.slice(4)}.`)).toEqual([`+852${digits}`]);
      }),
    );
  });
});

describe('Texts that are written against the detectors', () => {
  it.each([
    ['digits', '9'.repeat(100_000)],
    ['groups of digits', '2345 6789 '.repeat(10_000)],
    ['single digits', '5 '.repeat(50_000)],
    ['plus signs', '+852 9'.repeat(17_000)],
    ['beginnings of IBANs', 'GB82 '.repeat(20_000)],
    ['beginnings of identity cards', 'A12345 '.repeat(15_000)],
    ['brackets', '(1)'.repeat(33_000)],
    ['dots', `${'.'.repeat(50_000)}1`],
  ])('are read to the end: %s', (_, text) => {
    for (const find of [card, iban, phone]) expect(find(text).length).toBeLessThanOrEqual(400);
  });
});
