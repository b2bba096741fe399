/** A clip that beeps and flashes at once, captured, composed, and measured in the file. */
import type { Captured, Coming } from './captured.js';
import { makeMedia } from './rtp-media.js';
import { flashes, onsets, samples } from './seen.js';

/** Beeps and flashes come every so often, seconds of true time. */
export const beepEvery = 2.4;

export interface BeepFlash {
  /** Of true time. */
  readonly seconds: number;
  /** `pace`: true seconds in which the device's clock counts one. */
  readonly sound: Coming & { readonly pace: number };
  readonly picture: Coming & { readonly pace: number };
}

/** `offsets`: seconds between each beep and its flash, either way. */
export async function composeBeepFlash(captured: Captured, { seconds, sound, picture }: BeepFlash) {
  const [heardEvery, seenEvery] = [beepEvery / sound.pace, beepEvery / picture.pace];
  const beep = `if(lt(mod(t+${heardEvery / 2},${heardEvery}),0.1),0.8*sin(2*PI*1000*t),0)`;
  // Pictures come every 40 ms: half of that earlier, a flash that is not just then is as often early as late.
  const early = picture.pace === 1 ? 0.001 : 0.02;
  const flash = `if(lt(mod(T+${seenEvery / 2 + early},${seenEvery}),0.2),235,16)`;
  const heard = await makeMedia({ codec: 'opus', source: `aevalsrc='${beep}':s=48000:d=${seconds / sound.pace}` });
  const dark = `color=c=black:s=160x90:r=25:d=${seconds / picture.pace}`;
  const seen = await makeMedia({ codec: 'vp8', source: `${dark},geq=lum='${flash}':cb=128:cr=128` });
  await captured.track({ name: 'Ada', participant: 'a', source: 'microphone' }, heard, sound);
  await captured.track({ name: 'Ada', participant: 'a', source: 'camera' }, seen, picture);
  await captured.compose({ COMPOSE_HEIGHT: 180 });
  const file = captured.file('meeting.mp4');
  const beeps = onsets(await samples(file), 0.2);
  const lights = await flashes(file, { x: 0.4, y: 0.4, width: 0.2, height: 0.2 });
  return { beeps, lights, offsets: beeps.map((at) => Math.min(...lights.map((light) => Math.abs(light - at)))) };
}
