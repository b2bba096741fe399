import { Dlp, type DlpDeps } from './dlp.js';

export type { DlpMatch } from './dlp-guard.js';
export { dlpRoutes } from './routes.js';
export { Dlp, type DlpDeps };

export function openDlp(deps: DlpDeps): Promise<Dlp> {
  return Dlp.open(deps);
}
