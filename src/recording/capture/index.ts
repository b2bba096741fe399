export { type Gap, type GapReason, gapReasons, gapSchema } from './gaps.js';
export {
  type CaptureStream,
  type CaptureWarning,
  Recorder,
  type RecorderConfig,
  type RecorderDeps,
} from './recorder.js';
export { dropTracks, type RemovePersonDeps, removePerson } from './remove-person.js';
export { type SealStepDeps, sealStep } from './seal-step.js';
export * from './track-log.js';
