import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { pages, project } from '../../scripts/docs/pages.js';

test.for([...pages()])('%s says what the code says (npm run docs)', ([name, wanted]) => {
  expect(readFileSync(path.join(project, name), 'utf8')).toBe(wanted);
});
