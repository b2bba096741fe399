export { composeStep } from './compose-step.js';
export type { AudioFrame, ComposeDeps, Edit, EditsOf, TrackAudio } from './ports.js';
export { openTrackAudio } from './track-reader.js';
export { workFolder } from './work-folder.js';
