/**
 * `npm run lint`: style and common faults (Biome), types (TypeScript, for the server, the tests
 * and the page), and who may import whom (dependency-cruiser). `npm run lint -- types` runs one.
 */
import { spawnSync } from 'node:child_process';
import { at, root } from './lib/places.mjs';
import { main } from './lib/report.mjs';
import { ensureProtocol } from './lib/setup.mjs';

const tsc = at('node_modules/typescript/bin/tsc');
const cruiser = at('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const projects = ['tsconfig.json', 'tests/tsconfig.json', 'web/tsconfig.json', 'tests/unit/web/tsconfig.json'];

const checks = {
  style: [[at('node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']],
  types: projects.map((project) => [tsc, '--noEmit', '-p', project]),
  imports: [
    [
      '--import',
      './scripts/lib/swc-reads-tsx.mjs',
      cruiser,
      '--config',
      '.dependency-cruiser.cjs',
      'src',
      'web/src',
      'tests',
      'load-tests',
    ],
  ],
};

await main(async () => {
  await ensureProtocol();
  const wanted = process.argv.slice(2);
  let failed = 0;
  for (const [name, commands] of Object.entries(checks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const results = commands.map(
      (args) => spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status,
    );
    const ok = results.every((status) => status === 0);
    process.stdout.write(`lint ${name}: ${ok ? 'ok' : 'FAILED'}\n`);
    if (!ok) failed += 1;
  }
  process.exitCode = failed === 0 ? 0 : 1;
});
