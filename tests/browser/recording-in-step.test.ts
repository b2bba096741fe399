/** A page whose microphone beeps while its camera flashes is recorded: in the file both are at the same moment. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobPrefix } from '../../src/recording/recording.js';
import { recordingDetailSchema, recordingsSchema } from '../../src/recording/schema.js';
import { flashes, onsets, samples } from '../integration/recording/compose/seen.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person } from './person.js';
import { stopRecording, untilReady } from './recorded.js';

const beeps = 10;
const atMostSeconds = 0.045;

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;
let olivia: Person;
let recordingId: string;

beforeAll(async () => {
  server = await startTestServer({ COMPOSE_HEIGHT: 360 });
  browser = await openBrowser(['--autoplay-policy=no-user-gesture-required']);
  owner = await server.setUpOwner();
  olivia = await Person.at(browser, 'Olivia');
  await olivia.visitor.context.addInitScript(installBeepFlash);
  await olivia.signIn(server.url);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

describe('a beep and a flash of a real page', () => {
  it('are recorded', async () => {
    await olivia.startsMeeting();
    await olivia.clickJoin();
    await olivia.isIn();
    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Start recording' }).click();
    await olivia.button(/^Recording: /).waitFor();
    const { recordings } = await server.get(recordingsSchema, 'GET', '/api/recordings', undefined, owner.accessToken);
    recordingId = recordings[0]?.id ?? '';
    const from = await olivia.page.evaluate(() => window.causewayBeeps);
    await olivia.page.waitForFunction((until) => window.causewayBeeps >= until, from + beeps + 2, { timeout: 120_000 });
    await stopRecording(olivia);
    await untilReady(() => server.get(recordingDetailSchema, 'GET', `/api/recordings/${recordingId}`, undefined, owner.accessToken));
  }, 480_000);

  it('are at the same moment in the file', async () => {
    const [row] = await server.database.query<{ orgId: string }>('select org_id as "orgId" from recordings where id = $1', [recordingId]);
    const place = blobPrefix({ orgId: row?.orgId ?? '', id: recordingId });
    const movie = path.join(server.config.DATA_DIR, 'blobs', place, 'v1', 'meeting.mp4');
    const heard = onsets(await samples(movie), 0.1, 0.5);
    const seen = await flashes(movie, { x: 0.4, y: 0.4, width: 0.2, height: 0.2 });
    expect(heard.length).toBeGreaterThanOrEqual(beeps - 1);
    const offsets = heard.map((at) => Math.min(...seen.map((flash) => Math.abs(flash - at)))).sort((a, b) => a - b);
    // A page that was starved draws a flash late now and then: that is no fault of the recording.
    expect(offsets[Math.floor(offsets.length / 2)], offsets.join(' ')).toBeLessThan(atMostSeconds);
  }, 120_000);
});

declare global {
  interface Window {
    /** How many there were. */
    causewayBeeps: number;
  }
}

/** Runs in the page before its own scripts. */
function installBeepFlash(): void {
  const every = 2;
  const long = 0.2;
  window.causewayBeeps = 0;
  navigator.mediaDevices.getUserMedia = async (constraints = {}) => {
    const stream = new MediaStream();
    if (constraints.audio) stream.addTrack(microphone());
    if (constraints.video) stream.addTrack(camera());
    return stream;
  };
  let clock: AudioContext | null = null;
  const context = (): AudioContext => {
    clock ??= new AudioContext();
    return clock;
  };

  const microphone = (): MediaStreamTrack => {
    const audio = context();
    const [tone, gain, out] = [audio.createOscillator(), audio.createGain(), audio.createMediaStreamDestination()];
    gain.gain.value = 0;
    tone.frequency.value = 1_000;
    tone.connect(gain).connect(out);
    tone.start();
    let next = Math.ceil(audio.currentTime / every + 1) * every;
    setInterval(() => {
      for (; next < audio.currentTime + 4; next += every) {
        gain.gain.setValueAtTime(0.8, next);
        gain.gain.setValueAtTime(0, next + long);
      }
    }, 500);
    const [track] = out.stream.getAudioTracks();
    if (!track) throw new Error('no sound');
    return track;
  };

  const camera = (): MediaStreamTrack => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 360];
    const brush = canvas.getContext('2d', { alpha: false });
    // At rate 0 a picture is taken when it is asked for, not when the page is painted.
    const [track] = canvas.captureStream(0).getVideoTracks();
    if (!brush || !(track instanceof CanvasCaptureMediaStreamTrack)) throw new Error('no picture');
    setInterval(() => {
      const isLight = context().currentTime > every && context().currentTime % every < long;
      window.causewayBeeps = Math.floor(context().currentTime / every);
      brush.fillStyle = isLight ? '#fff' : '#000';
      brush.fillRect(0, 0, canvas.width, canvas.height);
      track.requestFrame();
    }, 33);
    return track;
  };
}
