/** What organisations of tests allow of recordings. */
import type { RecordingPolicy } from '../../src/recording/recording.js';

/** As a recording keeps it. */
export const recordingPolicy: RecordingPolicy = {
  consent: 'ask',
  starters: 'moderators',
  keepDays: null,
  viewers: 'participants',
  download: true,
  watermark: true,
  contact: '',
};

/** What an administrator sets over HTTP. */
export const policyBody = { ...recordingPolicy, meetingKind: 'meeting', keepDays: 30, contact: null };
