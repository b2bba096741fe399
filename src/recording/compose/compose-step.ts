/** Puts a recording together: one picture, one sound. */
import type { Step } from '../ports.js';
import type { ComposeDeps } from './ports.js';

export function composeStep(_deps: ComposeDeps): Step {
  return {
    name: 'compose',
    run: async (_recording, { progress }) => progress(1),
  };
}
