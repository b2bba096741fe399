/** Networks that let little through, with real browsers: TCP alone, a TURN server alone, IPv6 alone. */
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { hasTurnServer, startTurnServer, type TurnServer } from '../support/turn-server.js';
import { waitFor } from '../support/wait-for.js';
import { Person } from './person.js';

type Network = 'tcp' | 'relay' | 'ipv6';

/** How the media of a page goes. */
interface Path {
  readonly local: string;
  readonly protocol: string;
  readonly remoteAddress: string;
  /** UDP or TCP, to the TURN server. */
  readonly relayProtocol: string;
}

declare global {
  interface Window {
    causewayPaths(): Promise<Path[]>;
  }
}

const ownIpv6 = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ address, internal }) => !internal && address.includes(':') && !/^fe[89ab]/i.test(address))?.address;
const secret = 'shared between two servers';

let browser: TestBrowser;
let server: TestServer | undefined;

beforeAll(async () => {
  browser = await openBrowser();
});
afterEach(() => server?.close());
afterAll(() => browser?.close());

/** Two people in a meeting, whose networks let through only this. */
async function meet(network: Network, settings: Partial<Config> = {}): Promise<[Person, Person]> {
  server = await startTestServer(settings);
  const [olivia, ming] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Ming')]);
  for (const one of [olivia, ming]) await one.visitor.context.addInitScript(narrow, network);
  await olivia.setUp(`${server.url}${server.server.setupPath}`);
  await ming.acceptsInvitation(await olivia.invites('ming@harbour.example'));
  await olivia.page.goto(server.url);
  const link = await olivia.startsMeeting();
  await olivia.clickJoin();
  await olivia.isIn();
  await ming.openMeeting(link);
  await ming.clickJoin();
  await ming.isIn();
  return [olivia, ming];
}

/** Waits until sound and picture go both ways, and gives every path that carries them. */
async function paths(people: readonly [Person, Person]): Promise<Path[]> {
  const [olivia, ming] = people;
  await Promise.all([olivia.seesAndHears('Ming'), ming.seesAndHears('Olivia')]);
  const all = await waitFor(async () => {
    const found = (await Promise.all(people.map(({ page }) => page.evaluate(() => window.causewayPaths())))).flat();
    return found.length === 4 ? found : null;
  }, 'a path for each transport');
  for (const { visitor } of people) expect(visitor.problems).toEqual([]);
  await Promise.all(people.map(({ visitor }) => visitor.close()));
  return all;
}

describe('Two people see and hear each other', () => {
  it('over TCP alone, on the same port number as UDP', async () => {
    const people = await meet('tcp');
    for (const path of await paths(people)) expect(path).toMatchObject({ protocol: 'tcp', remoteAddress: '127.0.0.1' });
  });

  it.skipIf(ownIpv6 === undefined)('over IPv6 alone (skipped where the machine has no address of IPv6)', async () => {
    const people = await meet('ipv6', { MEDIA_LISTEN_IP: '::', MEDIA_ANNOUNCED_ADDRESS: undefined });
    for (const path of await paths(people)) expect(path).toMatchObject({ protocol: 'udp', remoteAddress: ownIpv6 });
  });

  describe.skipIf(!hasTurnServer)('through a TURN server alone (skipped where turnserver is not installed)', () => {
    let turn: TurnServer;
    beforeAll(async () => {
      turn = await startTurnServer(secret);
    });
    afterAll(() => turn?.stop());

    it('that they reach over TCP', async () => {
      const people = await meet('relay', { TURN_URLS: turn.url('tcp'), TURN_SECRET: secret });
      for (const path of await paths(people)) expect(path).toMatchObject({ local: 'relay', relayProtocol: 'tcp' });
    });
  });
});

/** Runs in the page, before it: connections take only such paths. */
function narrow(network: Network): void {
  const connections: RTCPeerConnection[] = [];
  const Open = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Open {
    constructor(configuration?: RTCConfiguration) {
      super(network === 'relay' ? { ...configuration, iceTransportPolicy: 'relay' } : configuration);
      connections.push(this);
    }

    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const fits = (line: string) => {
        const [, , protocol, , address = ''] = line.split(' ');
        return network === 'relay' || (network === 'tcp' ? protocol === 'tcp' : address.includes(':'));
      };
      const lines = (description.sdp ?? '').split('\r\n').filter((line) => !line.startsWith('a=candidate:') || fits(line));
      return super.setRemoteDescription({ ...description, type: description.type, sdp: lines.join('\r\n') });
    }
  };
  window.causewayPaths = async () => {
    const paths: Path[] = [];
    for (const connection of connections) {
      if (connection.connectionState !== 'connected') continue;
      const all = [...(await connection.getStats()).values()];
      const byId = (id: unknown) => all.find((stats) => stats.id === id);
      const pair = byId(all.find(({ type }) => type === 'transport')?.selectedCandidatePairId);
      const [local, remote] = [byId(pair?.localCandidateId), byId(pair?.remoteCandidateId)];
      if (!local || !remote) continue;
      paths.push({
        local: local.candidateType,
        protocol: local.protocol,
        remoteAddress: remote.address,
        relayProtocol: local.relayProtocol ?? '',
      });
    }
    return paths;
  };
}
