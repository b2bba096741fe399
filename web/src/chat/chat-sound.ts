/** A short, soft tone for a message that comes while nobody looks. Off until somebody wants it. */
import { readStored, writeStored } from '@/shell/storage';

const key = 'causeway.chat.sound';

export function wantsSound(): boolean {
  return readStored(key) === 'on';
}

export function setSound(on: boolean): void {
  writeStored(key, on ? 'on' : null);
}

let context: AudioContext | null = null;

export function playTone(): void {
  try {
    context ??= new AudioContext();
    const { currentTime } = context;
    for (const [at, frequency] of [
      [0, 660],
      [0.09, 880],
    ] as const) {
      const oscillator = new OscillatorNode(context, { frequency });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, currentTime + at);
      gain.gain.linearRampToValueAtTime(0.08, currentTime + at + 0.01);
      gain.gain.exponentialRampToValueAtTime(0.0001, currentTime + at + 0.22);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(currentTime + at);
      oscillator.stop(currentTime + at + 0.25);
    }
  } catch {
    // Without a sound the message is there all the same.
  }
}
