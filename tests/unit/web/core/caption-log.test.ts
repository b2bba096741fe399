import { describe, expect, it } from 'vitest';
import type { causeway } from '#proto';
import { type CaptionEntry, withLine } from '../../../../web/src/core/caption-log';

const said = (id: string, text: string, over: causeway.CaptionLine.$Properties = {}) => ({
  id,
  text,
  personId: 'anna',
  name: 'Anna',
  ...over,
});
const logOf = (...lines: (causeway.CaptionLine.$Properties & { at?: number })[]) =>
  lines.reduce<readonly CaptionEntry[]>((log, { at = 0, ...line }) => withLine(log, line, at), []);

describe('the lines of captions', () => {
  it('replace each other until the final one', () => {
    const log = logOf(said('1', 'good'), said('1', 'good morning'), said('1', 'Good morning.', { final: true }));
    expect(log.map(({ text, final }) => [text, final])).toEqual([['Good morning.', true]]);
  });

  it('do not fall back to a part that was still under way', () => {
    const log = logOf(said('1', 'Good morning.', { final: true }), said('1', 'good mor'));
    expect(log.map(({ text }) => text)).toEqual(['Good morning.']);
  });

  it('take a translation as no news of what was said', () => {
    const log = logOf(
      { ...said('1', 'Good morning.', { final: true }), at: 100 },
      { ...said('1', 'Good morning.', { final: true, translations: { 'zh-Hant': '早晨。' } }), at: 9_000 },
    );
    expect(log[0]?.changedAt).toBe(100);
    expect(log[0]?.translations).toEqual({ 'zh-Hant': '早晨。' });
  });

  it('keep the order in which they came', () => {
    const log = logOf(said('1', 'one'), said('2', 'two'), said('1', 'one and a half'));
    expect(log.map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('go away when nothing is left of them', () => {
    expect(logOf(said('1', 'hm'), said('1', '', { final: true }))).toEqual([]);
    expect(logOf(said('1', ''))).toEqual([]);
  });

  it('are dropped when nobody finishes them', () => {
    const log = logOf({ ...said('1', 'lost in'), at: 0 }, { ...said('2', 'Next.', { final: true }), at: 60_000 });
    expect(log.map(({ id }) => id)).toEqual(['2']);
  });

  it('are kept to five hundred, the last ones', () => {
    const log = logOf(...Array.from({ length: 600 }, (_, at) => said(`${at}`, `line ${at}`, { final: true })));
    expect([log.length, log[0]?.id, log.at(-1)?.id]).toEqual([500, '100', '599']);
  });

  it('without a name of their own are no lines', () => {
    expect(logOf({ text: 'whose?' })).toEqual([]);
  });

  it('are stable as a whole once they are final', () => {
    const log = logOf(said('1', 'maybe', { stable: 2 }), said('2', 'Surely.', { final: true, stable: 2 }));
    expect(log.map(({ stable }) => stable)).toEqual([2, 7]);
  });
});
