/** Manifests, their signatures, and exports of evidence, made together. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { HttpApp } from '../../platform/http/index.js';
import type { DownloadSource, RecordingAccess, Step } from '../ports.js';
import type { Takings } from '../takings.js';
import { Exports } from './export.js';
import type { GatherDeps } from './gather.js';
import { Manifests } from './manifests.js';
import { evidenceRoutes } from './routes.js';
import { SignStep } from './sign-step.js';

export interface EvidenceDeps extends GatherDeps {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly takings: Takings;
}

export interface Evidence {
  readonly step: Step;
  readonly manifests: Manifests;
  /** The export, to be downloaded. */
  readonly offer: DownloadSource;
  routes(app: HttpApp): void;
}

export function openEvidence(deps: EvidenceDeps): Evidence {
  const manifests = new Manifests(deps);
  const exports = new Exports({ ...deps, manifests });
  return {
    step: new SignStep(deps, manifests),
    manifests,
    offer: (by, id) => exports.offer(by, id),
    routes: (app) => evidenceRoutes(app, { access: deps.access, manifests, exports, takings: deps.takings }),
  };
}
