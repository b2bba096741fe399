import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(path.join(import.meta.dirname, '../../../../web/src/design/tokens.css'), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
);

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [brighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (brighter + 0.05) / (darker + 0.05);
}

const pairs: [string, string, number][] = [
  ...['paper', 'surface', 'surface-sunken', 'surface-hover', 'surface-press'].map((ground): [string, string, number] => ['ink', ground, 7]),
  ...['paper', 'surface', 'surface-sunken', 'surface-hover', 'surface-press'].map((ground): [string, string, number] => [
    'ink-soft',
    ground,
    4.5,
  ]),
  ...['paper', 'surface', 'harbour-wash'].map((ground): [string, string, number] => ['harbour', ground, 4.5]),
  ...['paper', 'surface', 'live-wash'].map((ground): [string, string, number] => ['live', ground, 4.5]),
  ...['surface', 'jade-wash'].map((ground): [string, string, number] => ['jade', ground, 4.5]),
  ...['surface', 'lantern-wash'].map((ground): [string, string, number] => ['lantern-ink', ground, 4.5]),
  ...['harbour', 'harbour-hover', 'harbour-press'].map((ground): [string, string, number] => ['on-harbour', ground, 4.5]),
  ...['live', 'live-hover'].map((ground): [string, string, number] => ['on-live', ground, 4.5]),
  // The edge of what can be operated: WCAG 1.4.11.
  ...['paper', 'surface', 'surface-sunken'].map((ground): [string, string, number] => ['line-strong', ground, 3]),
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(pairs)('%s can be read on %s', (front, back, least) => {
    const colours = [tokens.get(front)?.[theme], tokens.get(back)?.[theme]];
    expect(colours).not.toContain(undefined);
    expect(contrast(colours[0] ?? '', colours[1] ?? '')).toBeGreaterThanOrEqual(least);
  });
});
