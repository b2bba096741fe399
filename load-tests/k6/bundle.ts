/** The script and the generated protocol code as the one file that k6 can read: it knows no node_modules. */
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;

/** Gives the path of the file. */
export async function bundleScript(folder = path.join(here, '.build')): Promise<string> {
  // Somebody else may be reading the one of before: it is replaced in one step.
  const work = path.join(folder, String(process.pid));
  try {
    await build({
      configFile: false,
      root: here,
      logLevel: 'error',
      build: {
        outDir: work,
        emptyOutDir: true,
        target: 'es2022',
        // Every virtual user reads all of it.
        minify: true,
        lib: { entry: path.join(here, 'script.ts'), formats: ['es'], fileName: () => 'script.js' },
        rolldownOptions: { external: /^k6(\/|$)/ },
      },
    });
    await rename(path.join(work, 'script.js'), path.join(folder, 'script.js'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path.join(folder, 'script.js');
}
