import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';

const project = path.resolve(import.meta.dirname, '../../..');
const face = 'export const face = 1;\n';
const imports = (specifier: string) => `import { face } from '${specifier}';\nexport const inner = face;\n`;

test('the import rules catch what leans the wrong way, also where only types are imported', () => {
  expect(
    violations({
      'src/media/index.ts': face,
      'src/media/stage.ts': face,
      'src/chat/index.ts': face,
      'src/chat/log.ts': imports('../media/index.js'),
      'src/signaling/index.ts': face,
      'src/signaling/meeting.ts': imports('../media/stage.js'),
      'src/platform/clock.ts': "import type { face } from '../media/index.js';\nexport type Inner = typeof face;\n",
      'src/platform/bus/bus.ts': imports('../jobs/jobs.js'),
      'src/platform/jobs/index.ts': face,
      'src/platform/jobs/jobs.ts': face,
      'src/services/drive/index.ts': imports('../../signaling/index.js'),
      'src/services/tasks/index.ts': face,
      'src/services/audit/index.ts': imports('../tasks/index.js'),
      'src/circle-a.ts': "import { face } from './circle-b.js';\nexport const other = face;\n",
      'src/circle-b.ts': "import { other } from './circle-a.js';\nexport const face = other;\n",
      'src/lost.ts': imports('./nowhere.js'),
      'web/src/page.tsx': `${imports('../../src/signaling/meeting.js')}export const Page = () => <p>{inner}</p>;\n`,
    }),
  ).toEqual([
    'domains-know-no-signaling: src/services/drive/index.ts -> src/signaling/index.ts',
    'domains-know-not-each-other: src/chat/log.ts -> src/media/index.ts',
    'domains-know-not-each-other: src/services/audit/index.ts -> src/services/tasks/index.ts',
    'no-circles: src/circle-a.ts -> src/circle-b.ts',
    'nothing-unresolved: src/lost.ts -> ./nowhere.js',
    'only-by-the-face: src/platform/bus/bus.ts -> src/platform/jobs/jobs.ts',
    'only-by-the-face: src/signaling/meeting.ts -> src/media/stage.ts',
    'page-shares-only-what-both-speak: web/src/page.tsx -> src/signaling/meeting.ts',
    'platform-is-the-ground: src/platform/clock.ts -> src/media/index.ts',
  ]);
});

test('the import rules let pass what leans the right way', () => {
  expect(
    violations({
      'src/main.ts': imports('./signaling/index.js'),
      'src/config.ts': face,
      'src/platform/log.ts': imports('../config.js'),
      'src/platform/bus/index.ts': imports('../log.js').replace('export const inner', 'export const face'),
      'src/media/index.ts': imports('../platform/bus/index.js').replace('export const inner', 'export const face'),
      'src/signaling/index.ts': imports('../media/index.js').replace('export const inner', 'export const face'),
      'src/signaling/meeting-state.ts': face,
      'src/services/accounts/schema.ts': face,
      'web/src/page.ts': imports('../../src/signaling/meeting-state.js'),
      'web/src/form.ts': imports('../../src/services/accounts/schema.js'),
    }),
  ).toEqual([]);
});

const Report = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })) }),
});

/** Cruises a small project with these files, by the rules of this one. */
function violations(files: Readonly<Record<string, string>>): readonly string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'causeway-imports-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const cruiser = path.join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const config = path.join(project, '.dependency-cruiser.cjs');
    const hook = pathToFileURL(path.join(project, 'scripts/lib/swc-reads-tsx.mjs')).href;
    const places = ['src', 'web'].filter((place) => Object.keys(files).some((name) => name.startsWith(place)));
    const { stdout } = spawnSync(process.execPath, ['--import', hook, cruiser, '--config', config, '--output-type', 'json', ...places], {
      cwd: folder,
      encoding: 'utf8',
    });
    const report = Report.parse(JSON.parse(stdout));
    return report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
