export type {
  CaptionReceiver,
  CaptionSink,
  CaptionStream,
  Captions,
  CaptionsEvents,
  MeetingLine,
  TrackAudio,
} from './captions.js';
