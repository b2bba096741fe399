import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { type RecordingNow, toRecording } from '../../../../src/signaling/meeting-state.js';
import { consentAfter, toOwnConsent } from '../../../../web/src/core/consent';

function recording(recorded: string[], { id = 'r1', asks = true } = {}): RecordingNow {
  const now = toRecording({ recordingId: id, kind: causeway.RecordingKind.RECORDING_KIND_RECORDING, recorded, notice: { asks } });
  if (!now) throw new Error('a recording is on');
  return now;
}

describe('what oneself has said to the recording that is on', () => {
  it('is nothing when it begins', () => {
    expect(consentAfter('none', null, recording(['anna']), 'me')).toBe('none');
  });

  it('is a yes of whoever starts it', () => {
    expect(consentAfter('none', null, recording(['me']), 'me')).toBe('yes');
  });

  it('is that one was informed where nobody is asked', () => {
    expect(consentAfter('none', null, recording(['me', 'anna'], { asks: false }), 'me')).toBe('informed');
  });

  it('follows a yes and a withdrawal on another device', () => {
    const before = recording([]);
    expect(consentAfter('no', before, recording(['me']), 'me')).toBe('yes');
    expect(consentAfter('yes', recording(['me']), recording([]), 'me')).toBe('withdrawn');
    expect(consentAfter('informed', recording(['me'], { asks: false }), recording([], { asks: false }), 'me')).toBe('withdrawn');
  });

  it('stays while others answer, and while it is paused', () => {
    expect(consentAfter('no', recording([]), recording(['anna']), 'me')).toBe('no');
    expect(consentAfter('yes', recording(['me']), { ...recording(['me']), paused: true }, 'me')).toBe('yes');
  });

  it('is forgotten with the recording', () => {
    expect(consentAfter('yes', recording(['me']), null, 'me')).toBe('none');
    expect(consentAfter('no', recording([]), recording([], { id: 'r2' }), 'me')).toBe('none');
  });

  it('is taken from the answer to Join, and from nothing else', () => {
    expect(toOwnConsent('withdrawn')).toBe('withdrawn');
    expect(toOwnConsent('')).toBe('none');
    expect(toOwnConsent('withdrawn-all')).toBe('none');
    expect(toOwnConsent(null)).toBe('none');
  });
});
