/** Short soft notes through the chosen speaker, made here: no file has to be fetched. */

const testNotes = [523.25, 659.25];
const noteSeconds = 0.28;

export function playTestTone(speaker: string): Promise<void> {
  return playNotes(speaker, testNotes);
}

/** Hertz, one after the other. */
export async function playNotes(speaker: string, notes: readonly number[]): Promise<void> {
  const context = new AudioContext();
  const output = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = output.stream;
  if ('setSinkId' in element) await element.setSinkId(speaker).catch(() => undefined);
  notes.forEach((frequency, index) => {
    const start = context.currentTime + 0.05 + index * noteSeconds;
    const oscillator = context.createOscillator();
    const volume = context.createGain();
    oscillator.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.2, start + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.001, start + noteSeconds);
    oscillator.connect(volume).connect(output);
    oscillator.start(start);
    oscillator.stop(start + noteSeconds);
  });
  await element.play().catch(() => undefined);
  setTimeout(() => void context.close(), (notes.length * noteSeconds + 0.5) * 1_000);
}
