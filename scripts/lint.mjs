/**
 * `npm run lint`: style and common faults (Biome), types (TypeScript, for the server, the tests
 * and the page), and who may import whom (dependency-cruiser). `npm run lint -- types` runs one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { at, root } from './lib/places.mjs';
import { ensureProtocol } from './lib/setup.mjs';

const tsc = at('node_modules/typescript/bin/tsc');
const projects = ['tsconfig.json', 'tests/tsconfig.json', 'web/tsconfig.json'].filter((project) => existsSync(at(project)));

const checks = {
  style: [[at('node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']],
  types: projects.map((project) => [tsc, '--noEmit', '-p', project]),
  imports: [
    [
      at('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src',
      'web/src',
      'tests',
      'load-tests',
    ].filter((one) => !['web/src', 'tests', 'load-tests'].includes(one) || existsSync(at(one))),
  ],
};

await ensureProtocol();
const wanted = process.argv.slice(2);
let failed = 0;
for (const [name, commands] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const results = commands.map((args) => spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status);
  const ok = results.every((status) => status === 0);
  process.stdout.write(`lint ${name}: ${ok ? 'ok' : 'FAILED'}\n`);
  if (!ok) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
