/** The script and the generated protocol code as the one file that k6 can read: it knows no node_modules. */
import path from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;

/** Gives the path of the file. */
export async function bundleScript(folder = path.join(here, '.build')): Promise<string> {
  await build({
    configFile: false,
    root: here,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      // Every virtual user reads all of it.
      minify: true,
      lib: { entry: path.join(here, 'script.ts'), formats: ['es'], fileName: () => 'script.js' },
      rolldownOptions: { external: /^k6(\/|$)/ },
    },
  });
  return path.join(folder, 'script.js');
}
