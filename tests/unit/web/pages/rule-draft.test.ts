import { expect, test } from 'vitest';
import { draftOf, inputOf, looksForSomething } from '../../../../web/src/pages/admin/dlp/rule-draft';

test('file types are read however they are separated, and empty patterns are left out', () => {
  const input = inputOf({
    ...draftOf(null),
    name: ' Files ',
    fileTypes: 'exe, zip、video/*；  ',
    patterns: [
      { key: 1, name: '', pattern: '', caseSensitive: false },
      { key: 2, name: '', pattern: 'harbour', caseSensitive: true },
    ],
  });
  expect(input.name).toBe('Files');
  expect(input.fileTypes).toEqual(['exe', 'zip', 'video/*']);
  expect(input.patterns).toEqual([{ name: 'harbour', pattern: 'harbour', caseSensitive: true }]);
});

test('a rule that could find nothing is noticed', () => {
  expect(looksForSomething(inputOf(draftOf(null)))).toBe(false);
  expect(looksForSomething(inputOf({ ...draftOf(null), detectors: ['hkid'] }))).toBe(true);
});
