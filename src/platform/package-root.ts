/** Where the package lies. Files that are not compiled (migrations, the built page) are found from here, by src and by dist alike. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot: string = findPackageRoot(path.dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('The program is not inside its package: no package.json in any folder above it.');
  return findPackageRoot(parent);
}
