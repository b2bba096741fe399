import { describe, expect, it } from 'vitest';
import { daysBetween } from '@/i18n/format';
import { safeNext } from '@/pages/auth/safe-next';
import { meetingCodeOf } from '@/pages/home/meeting-code';
import { attendanceCsv, presence } from '@/pages/meeting-details/presence';
import { fromLocal, nextHalfHour, toLocalDate, toLocalTime } from '@/pages/meeting-form/local-time';
import { nameClient } from '@/pages/settings/client-name';

describe('the place after the sign-in', () => {
  const origin = 'https://meet.example.hk';

  it('is what the link says, on this server', () => {
    expect(safeNext('/meetings/1?tab=chat#x', origin)).toBe('/meetings/1?tab=chat#x');
  });

  it.each([
    null,
    '',
    'https://evil.example/',
    '//',
    '//evil.example/',
    '/.//evil.example/',
    '/meetings/..//evil.example/',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
  ])('is home for %j', (next) => {
    expect(safeNext(next, origin)).toBe('/');
  });
});

describe('the code of a meeting', () => {
  it.each([
    'abc-defg-hjk',
    ' ABC-DEFG-HJK ',
    'abcdefghjk',
    'abc defg hjk',
    'https://meet.example.hk/m/abc-defg-hjk',
    'http://localhost:3000/m/abc-defg-hjk?x=1#y',
  ])('is found in %j', (text) => {
    expect(meetingCodeOf(text)).toBe('abc-defg-hjk');
  });

  it.each(['', 'abc', 'https://meet.example.hk/', 'abc-defg-hj1', '/m/%'])('is not found in %j', (text) => {
    expect(meetingCodeOf(text)).toBeNull();
  });
});

describe('the time that somebody was there', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 0, 14, 2, minute)).toISOString();
  const now = new Date(at(59));

  it('adds up the stays', () => {
    const result = presence(
      [
        { joinedAt: at(0), leftAt: at(10) },
        { joinedAt: at(20), leftAt: at(25) },
      ],
      now,
    );
    expect(result).toEqual({ from: new Date(at(0)), until: new Date(at(25)), totalMs: 15 * 60_000, times: 2 });
  });

  it('counts two devices at once as one', () => {
    const result = presence(
      [
        { joinedAt: at(0), leftAt: at(30) },
        { joinedAt: at(10), leftAt: at(20) },
        { joinedAt: at(25), leftAt: at(40) },
      ],
      now,
    );
    expect(result.totalMs).toBe(40 * 60_000);
  });

  it('goes on while somebody is in', () => {
    expect(presence([{ joinedAt: at(50), leftAt: null }], now)).toMatchObject({ until: null, totalMs: 9 * 60_000 });
  });

  it('is written for a spreadsheet without letting a name become a formula', () => {
    const people = [{ personId: '1', name: '=HYPERLINK("x")', guest: true, stays: [{ joinedAt: at(0), leftAt: at(9) }] }];
    const csv = attendanceCsv(people, ['Name', 'Kind', 'From', 'Until', 'Minutes'], { guest: 'Guest', member: 'Member' }, now);
    expect(csv.startsWith('\uFEFFName,Kind,From,Until,Minutes\r\n"\'=HYPERLINK(""x"")",Guest,')).toBe(true);
    expect(csv.endsWith(',9\r\n')).toBe(true);
  });
});

describe('local time', () => {
  it('comes back as it was written', () => {
    const date = fromLocal('2026-03-05', '09:07');
    expect([toLocalDate(date), toLocalTime(date)]).toEqual(['2026-03-05', '09:07']);
  });

  it('offers the next half hour, over midnight too', () => {
    expect(toLocalTime(nextHalfHour(new Date(2026, 0, 1, 9, 12)))).toBe('09:30');
    expect(toLocalDate(nextHalfHour(new Date(2026, 0, 1, 23, 45)))).toBe('2026-01-02');
  });

  it('counts days by the calendar, not by hours', () => {
    expect(daysBetween(new Date(2026, 0, 1, 23, 59), new Date(2026, 0, 2, 0, 1))).toBe(1);
    expect(daysBetween(new Date(2026, 0, 2, 8), new Date(2026, 0, 1, 9))).toBe(-1);
  });
});

describe('the name of a client', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
      'Edge',
      'Windows',
      false,
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari',
      'iPhone',
      true,
    ],
    [
      'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
      'Chrome',
      'Android',
      true,
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox', 'Linux', false],
    ['node', null, null, false],
  ])('is found in %s', (client, browser, system, phone) => {
    expect(nameClient(client)).toEqual({ browser, system, phone });
  });
});
