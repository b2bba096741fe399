/** Real Chromium for tests and benchmarks: one browser, one context for each person, fake camera and microphone. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { installProbe } from './page-probe.js';

export interface VisitorOptions extends BrowserContextOptions {
  /** What the fake camera gives. Small and slow by default: several pages encode and decode on few cores. */
  readonly camera?: { readonly width: number; readonly height: number; readonly frameRate: number };
  /** The microphone is silent, but for what `Person.says` plays into it. */
  readonly speaks?: boolean;
}

/** One person at one page, with cookies, storage and permissions of their own. */
export interface Visitor {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
  /** What should never be: errors on the console, exceptions, violations of the policy, requests to elsewhere. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export interface TestBrowser {
  readonly version: string;
  visit(name: string, options?: VisitorOptions): Promise<Visitor>;
  /** Pictures of all pages, for the one who finds out why a test failed. */
  screenshots(what: string): Promise<void>;
  close(): Promise<void>;
}

declare global {
  interface Window {
    /** Plays a WAV file, in base64, into the microphone of a visitor that `speaks`. */
    causewaySay(wav: string): Promise<void>;
  }
}

const smallCamera = { width: 640, height: 360, frameRate: 15 };
const flags = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--disable-quic',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

/** @throws when there is no Chromium: `npm test` installs one. */
export async function openBrowser(args: readonly string[] = []): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: findChromium(), chromiumSandbox: false, args: [...flags, ...args] });
  const visitors = new Set<Visitor>();
  return {
    version: browser.version(),
    visit: async (name, options) => {
      const visitor = await visit(browser, name, options ?? {});
      visitors.add(visitor);
      return visitor;
    },
    screenshots: async (what) => {
      const folder = path.resolve('test-results', 'screenshots');
      await mkdir(folder, { recursive: true });
      for (const { page, name } of visitors) {
        if (page.isClosed()) continue;
        const file = `${what}-${name}`.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 120);
        await page.screenshot({ path: path.join(folder, `${file}.png`), timeout: 10_000 }).catch(() => undefined);
      }
    },
    close: async () => {
      for (const visitor of visitors) await visitor.close();
      await browser.close();
    },
  };
}

function findChromium(): string {
  const given = process.env.CHROMIUM_PATH;
  if (given) return given;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
    if (found) return found;
  }
  throw new Error('There is no Chromium on PATH. Set CHROMIUM_PATH, or run the tests by `npm test`, which installs it.');
}

async function visit(
  browser: Browser,
  name: string,
  { camera = smallCamera, speaks = false, ...options }: VisitorOptions,
): Promise<Visitor> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 720 },
    reducedMotion: 'reduce',
    permissions: ['microphone', 'camera'],
    ...options,
  });
  // Compilers that keep names wrap functions in a call of this helper, which pages don't have.
  await context.addInitScript('globalThis.__name ??= (target) => target');
  await context.addInitScript(installProbe);
  await context.addInitScript(limitCamera, camera);
  if (speaks) await context.addInitScript(giveVoice);
  const page = await context.newPage();
  const problems: string[] = [];
  watch(context, page, problems);
  return { name, page, context, problems, close: () => context.close() };
}

/** Runs in the page: whatever it wishes, the camera is no larger. */
function limitCamera(camera: { width: number; height: number; frameRate: number }): void {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints = {}) => {
    if (!constraints.video) return getUserMedia(constraints);
    const wish = constraints.video === true ? {} : constraints.video;
    const { width, height, frameRate } = camera;
    return getUserMedia({ ...constraints, video: { ...wish, width, height, frameRate } });
  };
}

/** Runs in the page: its microphone is what `causewaySay` plays. */
function giveVoice(): void {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  let voice: { context: AudioContext; mouth: MediaStreamAudioDestinationNode } | null = null;
  const speaking = () => {
    if (!voice) {
      const context = new AudioContext();
      voice = { context, mouth: context.createMediaStreamDestination() };
    }
    return voice;
  };
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints = {}) => {
    const stream = await getUserMedia(constraints);
    if (!constraints.audio) return stream;
    for (const track of stream.getAudioTracks()) {
      stream.removeTrack(track);
      track.stop();
    }
    for (const track of speaking().mouth.stream.getAudioTracks()) stream.addTrack(track.clone());
    return stream;
  };
  Object.assign(window, {
    causewaySay: async (wav: string) => {
      const { context, mouth } = speaking();
      await context.resume();
      const bytes = Uint8Array.from(atob(wav), (character) => character.charCodeAt(0));
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(bytes.buffer);
      source.connect(mouth);
      const ended = new Promise<void>((resolve) => {
        source.onended = () => resolve();
      });
      source.start();
      await ended;
    },
  });
}

function watch(context: BrowserContext, page: Page, problems: string[]): void {
  const home = () => (page.url().startsWith('http') ? new URL(page.url()).hostname : null);
  const foreign = (address: string) => {
    const url = new URL(address);
    const host = home();
    if (host !== null && ['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.hostname !== host)
      problems.push(`request to ${url.host}`);
  };
  context.on('request', (request) => foreign(request.url()));
  page.on('websocket', (socket) => foreign(socket.url()));
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    // A refusal of the API is an answer, and the page shows it; the browser writes it down all the same.
    const address = message.location().url;
    if (/status of 4\d\d/.test(message.text()) && URL.canParse(address) && new URL(address).pathname.startsWith('/api/')) return;
    problems.push(`console: ${message.text()} (${address})`);
  });
}
