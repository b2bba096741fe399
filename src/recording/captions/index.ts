export type {
  CaptionSink,
  CaptionStream,
  Captions,
  CaptionsEvents,
  MeetingLine,
  TrackAudio,
} from './captions.js';
export { type CaptionsDeps, openCaptions } from './open-captions.js';
