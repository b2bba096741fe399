/**
 * Loaded before dependency-cruiser (`node --import`): tells swc which files hold JSX.
 *
 * dependency-cruiser asks swc to read every file as TypeScript without JSX, and the page is
 * written in TSX. Its other reader is TypeScript's JavaScript API, which TypeScript 7 has not.
 */
import { createRequire } from 'node:module';

const swc = createRequire(import.meta.url)('@swc/core');
const { parseFileSync } = swc;
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') });
