/** The step of processing that composes. What it takes, libraries of media and pictures, is loaded when there is something to compose. */
import type { Step } from '../ports.js';
import type { ComposeDeps } from './ports.js';

export function composeStep(deps: ComposeDeps): Step {
  return {
    name: 'compose',
    run: async (recording, tools) => {
      const { Composition } = await import('./composition.js');
      await new Composition(deps, recording, tools).run();
      tools.progress(1);
    },
  };
}
