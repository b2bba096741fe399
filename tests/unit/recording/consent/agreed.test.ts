import { expect, test } from 'vitest';
import { agreed } from '../../../../src/recording/consent/index.js';
import type { ConsentWhat } from '../../../../src/recording/recording.js';

const rows: [what: ConsentWhat | undefined, asked: boolean, informed: boolean][] = [
  [undefined, false, false],
  ['asked', false, false],
  ['informed', false, true],
  ['yes', true, true],
  ['no', false, false],
  ['withdrawn', false, false],
  ['withdrawn-all', false, false],
];

test.for(rows)('whoever stands at %s is recorded: %s where people are asked, %s where they are informed', ([what, asked, informed]) => {
  expect(agreed(what, { consent: 'ask' })).toBe(asked);
  expect(agreed(what, { consent: 'inform' })).toBe(informed);
  expect(agreed(what, { consent: 'forbidden' })).toBe(false);
});
