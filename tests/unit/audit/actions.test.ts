import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../../../scripts/docs/pages.js';

const source = path.join(project, 'src');
const recorded = /(?:\baction: |\bact\(\s*by,\s*|#administer\(\s*by,\s*)'([a-z]+\.[a-z-]+)'/g;

test('every action that is recorded stands in docs/reference/audit.md', () => {
  const actions = new Set<string>();
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')))
    for (const [, action = ''] of readFileSync(path.join(source, file), 'utf8').matchAll(recorded)) actions.add(action);
  const page = readFileSync(path.join(project, 'docs/reference/audit.md'), 'utf8');
  expect(actions.size).toBeGreaterThan(20);
  expect([...actions].filter((action) => !page.includes(`\`${action}\``))).toEqual([]);
});
