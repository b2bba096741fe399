/** The last step of putting a recording together: what there is of it is written down and signed. */
import type { Step, StepTools } from '../ports.js';
import type { Recording } from '../recording.js';
import { type GatherDeps, gather } from './gather.js';
import type { Manifests } from './manifests.js';
import { storePapers } from './papers.js';

export class SignStep implements Step {
  readonly name = 'sign';
  readonly #deps: GatherDeps;
  readonly #manifests: Manifests;

  constructor(deps: GatherDeps, manifests: Manifests) {
    this.#deps = deps;
    this.#manifests = manifests;
  }

  async run(recording: Recording, { signal, progress, version }: StepTools): Promise<void> {
    const { blobs, rows, summaryOf } = this.#deps;
    const facts = await gather(this.#deps, recording, version, signal);
    progress(0.5);
    const words = { transcript: await rows.transcript(recording), summary: await summaryOf(recording) };
    const papers = await storePapers(blobs, recording, facts, words, signal);
    progress(0.9);
    await this.#manifests.sign(recording, { ...facts, papers });
  }
}
