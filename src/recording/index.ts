export { Recorder } from './capture/index.js';
export { agreed } from './consent/index.js';
export { type Answering, type Notice, type OnAir, type RecordedMeeting, RecordingDesk } from './desk.js';
export { openRecording, type RecordingPart, type RecordingPartDeps } from './open-recording.js';
export type { ConsentWhat } from './recording.js';
