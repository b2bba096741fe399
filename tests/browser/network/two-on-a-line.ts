/** Two people in a meeting of a real server: Ann behind a bad line, Ben beside the server. */

import { openBrowser, type TestBrowser } from '../../support/browser.js';
import { freePort } from '../../support/free-port.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import type { UdpRelay } from '../../support/udp-relay.js';
import { waitFor } from '../../support/wait-for.js';
import { Person } from '../person.js';
import { lines } from './record.js';
import { type RelayedPerson, relayedPerson, type Sample } from './relayed-person.js';

export interface TwoOptions {
  /** Ann's page is told the worker's TCP port too. */
  readonly tcp?: boolean;
  readonly browserArgs?: readonly string[];
}

/** Of the fake camera that both have: two layers. */
const topLines = 360;

export class TwoOnALine {
  readonly server: TestServer;
  readonly browser: TestBrowser;
  readonly ann: Person;
  readonly ben: Person;
  readonly relay: UdpRelay;
  readonly #relayed: RelayedPerson;

  private constructor(server: TestServer, browser: TestBrowser, relayed: RelayedPerson, ben: Person) {
    this.server = server;
    this.browser = browser;
    this.#relayed = relayed;
    this.ann = relayed.person;
    this.relay = relayed.relay;
    this.ben = ben;
  }

  /** Both are in, and see and hear each other. */
  static async meet({ tcp = false, browserArgs = [] }: TwoOptions = {}): Promise<TwoOnALine> {
    const mediaPort = await freePort();
    const server = await startTestServer({ MEDIA_PORT: mediaPort });
    const browser = await openBrowser(browserArgs);
    const relayed = await relayedPerson(browser, 'Ann', { mediaPort, tcp });
    const ben = await Person.at(browser, 'Ben');
    const two = new TwoOnALine(server, browser, relayed, ben);
    const { link } = await server.createMeeting(await server.setUpOwner(), { lobby: 'off' });
    for (const one of [ben, two.ann]) {
      await one.openMeeting(link);
      await one.clickJoin('a guest');
      await one.isIn();
    }
    await Promise.all([two.ann.seesAndHears('Ben'), ben.seesAndHears('Ann')]);
    return two;
  }

  /** What Ann's page has received since it was loaded. */
  samples(): Promise<Sample[]> {
    return this.#relayed.samples();
  }

  /** Waits until Ann sees Ben's largest layer. Gives how long it took, milliseconds. */
  async topLayer(): Promise<number> {
    return this.#until('the largest layer', (samples) => lines(samples) >= topLines);
  }

  /** Waits until sound comes that began after now. Gives how long it took, milliseconds. */
  async soundIsBack(): Promise<number> {
    const from = Date.now();
    return this.#until('sound', (samples) => {
      const after = samples.filter(({ at }) => at >= from);
      const [first] = after;
      const last = after.at(-1);
      if (!first || !last) return false;
      return Object.entries(last.sounds).some(([track, { packets }]) => packets - (first.sounds[track]?.packets ?? 0) >= 3);
    });
  }

  async #until(what: string, fits: (samples: readonly Sample[]) => boolean): Promise<number> {
    const begun = Date.now();
    await waitFor(async () => fits(await this.samples()), what, { deadlineMs: 90_000 });
    return Date.now() - begun;
  }

  async close(): Promise<void> {
    this.#relayed.close();
    await this.browser.close();
    await this.server.close();
  }
}
