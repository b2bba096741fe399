/** `npm run docs`: writes the pages that are made from the code. A test fails when one is not current. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pages, project } from './pages.js';

for (const [name, text] of pages()) {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${name}\n`);
}
