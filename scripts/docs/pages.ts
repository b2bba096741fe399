/** Every page, or part of a page, that is made from the code. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorsPage } from './errors-page.js';
import { protocolPage } from './protocol-page.js';
import { settingsTable } from './settings-table.js';

export const project = path.resolve(import.meta.dirname, '../..');

/** Path in the project -> what it should hold. */
export function pages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/protocol.md', protocolPage()],
    ['README.md', withSettings(readFileSync(path.join(project, 'README.md'), 'utf8'))],
  ]);
}

/** The README with the present table between its markers. */
function withSettings(readme: string): string {
  const between = /(<!-- settings -->)[\s\S]*?(<!-- \/settings -->)/;
  if (!between.test(readme)) throw new Error('README.md has no <!-- settings --> and <!-- /settings -->');
  return readme.replace(between, (_all, begin: string, end: string) => `${begin}\n\n${settingsTable()}\n\n${end}`);
}
