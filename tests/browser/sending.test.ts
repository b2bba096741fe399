/** What a page sends, and what it says of itself: as much as somebody receives, in the codec that was chosen, over a path that holds. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { causeway } from '#proto';
import { parseRtpCapabilities } from '../../src/media/index.js';
import type { Meeting } from '../../src/signaling/schema.js';
import { Attendee } from '../integration/server/attendee.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { Person, patienceMs } from './person.js';

/** Of one connection of a page. */
interface Connection {
  /** Whether each layer of the camera is sent; empty where no camera is. */
  readonly layers: readonly boolean[];
  /** Names the path that ICE has agreed on (RFC 8445, section 5.3). */
  readonly path: string;
  /** Of the pictures that come in. */
  readonly codecs: readonly string[];
}

declare global {
  interface Window {
    causewayConnections(): Promise<Connection[]>;
  }
}

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;
let ming: Person;
/** In a small room the lowest layer of every picture flows in any case. */
const crowdSize = 10;
const crowd: Attendee[] = [];
let meeting: Meeting;
const said = new Map<Person, causeway.Request[]>();

beforeAll(async () => {
  // One microphone is as many as are heard directly, so that two people are heard through slots.
  server = await startTestServer({ MEDIA_AUDIO_DIRECT: 1, MEDIA_AUDIO_SLOTS: 2 });
  const owner = await server.setUpOwner('Olivia');
  await server.invite(owner, 'Ming');
  meeting = await server.createMeeting(owner, { lobby: 'off' });
  const { id, code } = meeting;
  for (let index = 0; index < crowdSize; index += 1) {
    const attendee = await Attendee.enter(server, id, await server.guest(code, `Guest ${index + 1}`));
    await attendee.produce(causeway.Source.SOURCE_CAMERA, 'video');
    crowd.push(attendee);
  }
  browser = await openBrowser();
  [olivia, ming] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Ming')]);
  await prefer(ming, 'vp9');
  for (const one of [olivia, ming]) {
    await one.visitor.context.addInitScript(countConnections);
    said.set(one, listenTo(one));
    await one.signIn(server.url);
    await one.openMeeting(`${server.url}/m/${code}`);
    await one.clickJoin();
    await one.isIn();
  }
  await Promise.all([olivia.seesAndHears('Ming'), ming.seesAndHears('Olivia')]);
});

afterAll(async () => {
  await browser?.close();
  for (const { client } of crowd) await client.close();
  await server?.close();
});

beforeEach(() => {
  onTestFailed(async ({ task }) => browser?.screenshots(task.name));
});

describe('the picture that a page sends', () => {
  it('is in the codec that the person prefers, and in VP8 by default', async () => {
    expect(await codecsAt(olivia)).toEqual(['video/VP9']);
    expect(await codecsAt(ming)).toEqual(['video/VP8']);
  });

  it('stops while nobody looks, and comes at once when somebody does', async () => {
    await expect.poll(() => layersOf(olivia), { timeout: patienceMs }).toContain(true);
    await look(ming, false);
    await expect.poll(() => layersOf(olivia), { timeout: patienceMs }).toEqual([false, false]);
    expect(await olivia.page.locator('video').first().isVisible()).toBe(true);
    await look(ming, true);
    await ming.sees('Olivia');
  });

  it('stops in VP9 as well, which has all layers in one stream', async () => {
    await look(olivia, false);
    await expect.poll(() => layersOf(ming), { timeout: patienceMs }).toEqual([false]);
    await look(olivia, true);
    await olivia.sees('Ming');
  });

  it('comes again when the media worker was killed while nobody looked', async () => {
    await look(ming, false);
    await expect.poll(() => layersOf(olivia), { timeout: patienceMs }).toEqual([false, false]);
    const before = [...(await ming.tracks()), ...(await olivia.tracks())];
    for (const worker of server.server.mediaWorkers()) process.kill(worker, 'SIGKILL');
    await olivia.sees('Ming', { besides: before });
    await look(ming, true);
    await ming.sees('Olivia', { besides: before });
  });
});

describe('the codec that a person prefers', () => {
  it('gives way to VP8 when somebody comes who should see the picture and cannot decode it', async () => {
    const capabilities = parseRtpCapabilities(await server.rtpCapabilities());
    const codecs = (capabilities.codecs ?? []).filter(({ mimeType }) => mimeType !== 'video/VP9');
    const guest = await Attendee.arrive(server, meeting.id, await server.guest(meeting.code, 'Old browser'));
    crowd.push(guest);
    const { joined } = await guest.join(JSON.stringify({ ...capabilities, codecs }));
    const shown = (joined?.snapshot?.participants ?? [])
      .filter(({ name }) => name === 'Ming')
      .flatMap(({ producers }) => producers ?? [])
      .filter(({ source }) => source === causeway.Source.SOURCE_CAMERA)
      .map(({ id }) => ({ producerId: id ?? '', width: 320, height: 180 }));
    await guest.client.media.setView({ meetingId: meeting.id, shown });
    await expect.poll(() => codecsAt(olivia), { timeout: patienceMs }).toEqual(['video/VP8']);
    await olivia.sees('Ming');
  });
});

describe('a page that is online again', () => {
  it('asks for another path for both its connections without waiting for the old one to die', async () => {
    // The connection of the worker that was killed holds its last pictures for a few seconds.
    await expect.poll(() => pathsOf(olivia), { timeout: patienceMs }).toHaveLength(2);
    const before = await pathsOf(olivia);
    await olivia.page.evaluate(() => dispatchEvent(new Event('online')));
    await expect.poll(async () => (await pathsOf(olivia)).filter((path) => !before.includes(path)).length, { timeout: patienceMs }).toBe(2);
    await Promise.all([olivia.seesAndHears('Ming'), ming.seesAndHears('Olivia')]);
  });
});

describe('what a page says of itself', () => {
  it('is that its microphone begins to carry a voice, where only the loudest are heard', async () => {
    await expect
      .poll(() => said.get(olivia)?.filter(({ method }) => method === 'MediaService.Speaking').length, { timeout: patienceMs })
      .toBeGreaterThan(0);
  });

  it('is how its connection does', async () => {
    const large = expect.toSatisfy((figure: number) => figure > 1_000, 'more than 1000');
    const some = expect.toSatisfy((figure: number) => figure > 0, 'more than 0');
    // One that fell into the change of its path says less.
    await expect
      .poll(() => samplesOf(olivia), { timeout: patienceMs })
      .toContainEqual(
        expect.objectContaining({
          width: some,
          relayed: false,
          packetsReceived: some,
          packetsSent: some,
          bitsPerSecondIn: large,
          bitsPerSecondOut: large,
        }),
      );
  });

  it('is nothing that the server refused or the browser complained of', () => {
    for (const one of [olivia, ming]) expect(one.visitor.problems).toEqual([]);
  });
});

/** The page is in front, or behind another one. */
async function look(person: Person, visible: boolean): Promise<void> {
  await person.page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    visible ? 'visible' : 'hidden',
  );
}

async function prefer(person: Person, codec: string): Promise<void> {
  await person.visitor.context.addInitScript((value) => localStorage.setItem('causeway.devices', JSON.stringify({ codec: value })), codec);
}

const connectionsOf = (person: Person): Promise<Connection[]> => person.page.evaluate(() => window.causewayConnections());
const layersOf = async (person: Person) => (await connectionsOf(person)).flatMap(({ layers }) => layers);
const pathsOf = async (person: Person) => (await connectionsOf(person)).map(({ path }) => path);
const codecsAt = async (person: Person) => (await connectionsOf(person)).flatMap(({ codecs }) => codecs);

function samplesOf(person: Person): causeway.QualitySample.$Properties[] {
  const reports = (said.get(person) ?? []).filter(({ method }) => method === 'MediaService.ReportQuality');
  return reports.flatMap(({ payload }) => causeway.ReportQualityRequest.decode(payload).sample ?? []);
}

/** What the page asks of the server, from now on. */
function listenTo(person: Person): causeway.Request[] {
  const requests: causeway.Request[] = [];
  person.page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string') return;
      const { request } = causeway.ClientFrame.decode(new Uint8Array(payload));
      if (request) requests.push(new causeway.Request(request));
    }),
  );
  return requests;
}

/** Runs in the page before its own scripts. */
function countConnections(): void {
  const connections = new Set<RTCPeerConnection>();
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.add(this);
    }
  };
  window.causewayConnections = async () => {
    const found: Connection[] = [];
    for (const connection of connections) {
      if (connection.connectionState !== 'connected') continue;
      const all = [...(await connection.getStats()).values()];
      const pictures = all.filter(({ type, kind, framesDecoded }) => type === 'inbound-rtp' && kind === 'video' && framesDecoded > 0);
      found.push({
        layers: connection
          .getSenders()
          .filter(({ track }) => track?.kind === 'video')
          .flatMap((sender) => sender.getParameters().encodings.map(({ active }) => active !== false)),
        path: /a=ice-ufrag:(\S+)/.exec(connection.remoteDescription?.sdp ?? '')?.[1] ?? '',
        codecs: pictures.map(({ codecId }) => all.find(({ id }) => id === codecId)?.mimeType ?? ''),
      });
    }
    return found;
  };
}
