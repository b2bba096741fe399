/** Whether sound and picture find their way: addresses that browsers are told, and what answers there. */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Config, listOf } from '../config.js';
import { createMedia } from '../media/index.js';
import { createMetrics } from '../platform/metrics.js';
import { addressesOf, addressesOfUrl, isLoopback, isPublic, mediaAddresses, ownAddresses } from './addresses.js';
import { type Check, type Finding, ok, type Patient, reasonOf, silentLog, warning, wrong } from './check.js';
import { askDoors, type Door, openDoors } from './doctor-socket.js';
import { StunClient } from './stun-client.js';
import { iceCheck } from './stun-message.js';

const outsideAdvice =
  'For people outside this network set CAUSEWAY_MEDIA_ANNOUNCED_ADDRESS to the public address (docs/operations/firewall.md).';

export const addressCheck: Check = {
  name: 'Media address',
  async look({ config }) {
    const { MEDIA_ANNOUNCED_ADDRESS: announced, MEDIA_LISTEN_IP: listenIp } = config;
    const missing = await whatHasNoAddress(announced);
    if (missing !== null) return wrong(missing, 'Correct CAUSEWAY_MEDIA_ANNOUNCED_ADDRESS.');
    const addresses = await mediaAddresses(config);
    if (addresses.length === 0) return warning('only this machine itself can take part: it has no other address', outsideAdvice);
    const told = announced === undefined ? addresses.join(', ') : announcedText(announced, addresses);
    if (announced !== undefined && !addresses.some((address) => listensFor(address, listenIp)))
      return wrong(
        `${told} is announced, but media listens on ${listenIp}`,
        'Set CAUSEWAY_MEDIA_LISTEN_IP to :: or to an address of that kind.',
      );
    if (!addresses.some(isPublic) && (await pageIsPublic(config)))
      return warning(`${told}: nobody outside reaches that, but the page is at ${config.PUBLIC_URL}`, outsideAdvice);
    if (announced !== undefined) return ok(`${told} is announced to browsers`);
    if (listenIp !== '0.0.0.0' && listenIp !== '::') return ok(`${listenIp}, as CAUSEWAY_MEDIA_LISTEN_IP says`);
    return addresses.some(isPublic) ? ok(`found ${told}`) : ok(`found ${told}`, outsideAdvice);
  },
};

export const ipv6Check: Check = {
  name: 'IPv6',
  async look({ config }) {
    const listens = config.MEDIA_LISTEN_IP === '::' || isIPv6(config.MEDIA_LISTEN_IP);
    const own = ownAddresses().filter((address) => isIPv6(address));
    const listenAdvice = 'Set CAUSEWAY_MEDIA_LISTEN_IP to :: to offer media over IPv6, too.';
    if (listens) {
      // Those of the machine are told beside the one that is announced.
      const announced = await mediaAddresses(config).catch(() => []);
      const offered = new Set([...announced, ...(config.MEDIA_LISTEN_IP === '::' ? own : [])].filter((address) => isIPv6(address)));
      return ok(
        offered.size > 0 ? `media is offered at ${[...offered].join(', ')}` : 'this machine has no address of IPv6 that others reach',
      );
    }
    const page = config.PUBLIC_URL === undefined ? [] : (await addressesOfUrl(config.PUBLIC_URL)).filter((address) => isIPv6(address));
    if (page.length > 0 && page.some(isPublic))
      return warning(`the page is at ${page.join(', ')}, but media is on IPv4 alone: networks with IPv6 alone get no sound`, listenAdvice);
    return own.some(isPublic) ? ok('media is on IPv4 alone', listenAdvice) : ok('not used');
  },
};

/**
 * Real connectivity checks, as browsers make them, to every address that is offered. When no server
 * runs, a media worker is started on its port for them.
 */
export const mediaPathCheck: Check = {
  name: 'Media path',
  async look(patient) {
    let opened: { doors: readonly Door[]; close: () => Promise<void> };
    try {
      opened = await doorsOf(patient);
    } catch (error) {
      const advice = patient.running
        ? 'Run the doctor as the user that runs Causeway, with the same settings.'
        : 'See the rows of the media worker and its ports.';
      return warning(`no media port could be looked at (${reasonOf(error)})`, advice);
    }
    try {
      return await lookAtDoors(opened.doors);
    } finally {
      await opened.close();
    }
  },
};

async function doorsOf({ config, running }: Patient): Promise<{ doors: readonly Door[]; close: () => Promise<void> }> {
  if (running) return { doors: await askDoors(config), close: async () => undefined };
  const media = await createMedia({ config: { ...config, MEDIA_WORKERS: 1 }, log: silentLog(), metrics: createMetrics() });
  try {
    const { doors } = await openDoors(media);
    return { doors, close: () => media.close() };
  } catch (error) {
    await media.close();
    throw error;
  }
}

async function lookAtDoors(doors: readonly Door[]): Promise<Finding> {
  const own = new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
  const looks = doors.flatMap((door) =>
    door.candidates.map(async ({ protocol, address, port }) => ({
      protocol,
      place: isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`,
      own: own.has(address),
      failure: await checkFailure(door, { protocol, host: address, port, framed: protocol === 'tcp' }),
    })),
  );
  const looked = await Promise.all(looks);
  const silent = looked.filter(({ failure }) => failure !== null);
  const answering = byPlace(looked.filter(({ failure }) => failure === null));
  const told = [
    ...answering.map(({ place, protocols }) => `${place} answers over ${protocols}`),
    ...byPlace(silent).map(({ place, protocols, failure }) => `${place} does not over ${protocols} (${failure})`),
  ].join(', ');
  if (silent.length === 0) return ok(told);
  if (silent.some((one) => one.own))
    return wrong(told, 'A firewall on this machine stops it: let these ports through (docs/operations/firewall.md).');
  return warning(
    told,
    'That address belongs to a router: have it forward these ports here. Some routers do not answer from inside; then try from outside (docs/operations/firewall.md).',
  );
}

/** What is the same over UDP and TCP, said once. */
function byPlace(looked: readonly { protocol: string; place: string; failure: string | null }[]) {
  const places = new Map<string, { place: string; protocols: string; failure: string | null }>();
  for (const { protocol, place, failure } of looked) {
    const before = places.get(place);
    const name = protocol.toUpperCase();
    if (!before) places.set(place, { place, protocols: name, failure });
    else if (!before.protocols.includes(name)) before.protocols += ` and ${name}`;
  }
  return [...places.values()].sort((one, other) => one.place.localeCompare(other.place));
}

/** Null when it answers. */
async function checkFailure(door: Door, place: Parameters<typeof StunClient.open>[0]): Promise<string | null> {
  let client: StunClient | undefined;
  try {
    client = await StunClient.open(place);
    const { success, code, reason } = await client.ask(iceCheck(door));
    return success ? null : `${code} ${reason}`;
  } catch (error) {
    return reasonOf(error);
  } finally {
    client?.close();
  }
}

/** A sentence, when a name that is announced has no address. */
async function whatHasNoAddress(announced: string | undefined): Promise<string | null> {
  for (const host of announced === undefined ? [] : listOf(announced)) {
    try {
      await addressesOf(host);
    } catch (error) {
      return `${host} has no address (${reasonOf(error)})`;
    }
  }
  return null;
}

function announcedText(announced: string, addresses: readonly string[]): string {
  const names = listOf(announced);
  return names.every((name) => addresses.includes(name)) ? names.join(', ') : `${names.join(', ')} (${addresses.join(', ')})`;
}

function listensFor(address: string, listenIp: string): boolean {
  return listenIp === '::' || isIPv6(address) === isIPv6(listenIp);
}

/** People come from outside: the page's host has an address that anybody reaches. */
async function pageIsPublic({ PUBLIC_URL: url }: Config): Promise<boolean> {
  if (url === undefined) return false;
  const addresses = await addressesOfUrl(url);
  return addresses.some((address) => isPublic(address) && !isLoopback(address));
}
