import { describe, expect, it } from 'vitest';
import { drawText, initials } from '../../../../src/recording/compose/text-picture.js';

const style = { font: 'Noto Sans CJK HK, sans-serif', pixels: 20, color: '#ffffff', maxWidth: 300 };

describe('a name in the picture', () => {
  it.each([`O'Neil: "100%" \\n %{pts} ,;[]`, '<b>&amp;</b> & <', '/etc/passwd\n../../x', '陳大文', 'مرحبا', '👩‍👩‍👧', 'a'.repeat(5_000)])(
    'is drawn as it is: %j',
    async (name) => {
      const drawn = await drawText(name, style);
      expect(drawn?.width).toBeGreaterThan(0);
      expect(drawn?.width).toBeLessThanOrEqual(300);
    },
  );

  it('is one line, whatever breaks stand in it', async () => {
    const [one, broken] = [await drawText('Ada Wong', style), await drawText('Ada\n\n\r\u2028Wong\u0000', style)];
    expect(broken?.height).toBe(one?.height);
  });

  it.each(['', ' \n ', '\u202e'])('is nothing where nothing is to be seen: %j', async (name) => {
    expect(await drawText(name, style)).toBeNull();
  });
});

it.each([
  ['Ada Wong', 'AW'],
  ['陳大文', '陳'],
  ['ada', 'A'],
  [`O'Neil: 100%`, 'O1'],
  ['', ''],
  ['👩‍👩‍👧', ''],
])('the letters of %s are %s', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
