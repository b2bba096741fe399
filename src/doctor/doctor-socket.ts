/**
 * The way from the doctor to a server that runs: a socket in the data folder, which only the user
 * that runs Causeway may open. Media ports answer only who has a transport, so the doctor asks the
 * server for some, and then makes the connectivity checks that a browser would.
 */
import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Config } from '../config.js';
import type { Media, TransportOffer } from '../media/index.js';
import { newId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';

/** A way in that browsers are offered, and what a check of it needs. */
export type Door = z.output<typeof doorSchema>;

const doorSchema = z.object({
  usernameFragment: z.string(),
  password: z.string(),
  candidates: z.array(z.object({ protocol: z.enum(['udp', 'tcp']), address: z.string(), port: z.int() })),
});
const doorsSchema = z.array(doorSchema);

/** For as long the doors are kept open. */
const openMs = 20_000;
/** A path of a socket has room for no more (unix(7)); a byte less to be safe. */
const longestPath = 106;
const patienceMs = 10_000;

export interface DoctorSocketOptions {
  readonly config: Pick<Config, 'DATA_DIR' | 'HTTP_PORT'>;
  readonly media: Media;
  readonly log: Log;
}

/** Gives how to close it. That the doctor can't ask is no reason not to serve. */
export async function openDoctorSocket({ config, media, log }: DoctorSocketOptions): Promise<() => Promise<void>> {
  const place = placeOf(config);
  if (place === null) return async () => undefined;
  const rooms = new Set<() => void>();
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    openDoors(media)
      .then(({ doors, close }) => {
        const timer = setTimeout(() => end(), openMs).unref();
        const end = () => {
          clearTimeout(timer);
          rooms.delete(end);
          close();
        };
        rooms.add(end);
        socket.end(JSON.stringify(doors));
      })
      .catch((error: unknown) => {
        log.warn({ err: error }, 'doctor-socket: no transport could be made');
        socket.destroy();
      });
  });
  // One doctor at a time is enough, and what it opens is bounded.
  server.maxConnections = 2;
  try {
    await mkdir(path.dirname(place), { recursive: true });
    // Left behind by a server that was killed: two that run have different ports.
    await rm(place, { force: true });
    server.listen(place);
    await once(server, 'listening');
    await chmod(place, 0o600);
  } catch (error) {
    log.warn({ err: error, place }, 'doctor-socket: the doctor will not be able to look at the media ports');
  }
  server.on('error', (error) => log.warn({ err: error }, 'doctor-socket: error'));
  return async () => {
    for (const end of [...rooms]) end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

/** Ways in of a media core: with as many rooms as workers, most of the workers. */
export async function openDoors(media: Media): Promise<{ doors: Door[]; close: () => void }> {
  const rooms = await Promise.all(media.describe().workers.map(() => media.openRoom(`doctor-${newId()}`)));
  const close = () => {
    for (const room of rooms) room.close();
  };
  try {
    const offers = await Promise.all(rooms.map((room) => room.addPeer('doctor', media.rtpCapabilities, { sends: false })));
    return { doors: offers.map(({ receive }) => toDoor(receive)), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Asks the server that runs with these settings. @throws Error when it does not say. */
export async function askDoors(config: Pick<Config, 'DATA_DIR' | 'HTTP_PORT'>): Promise<Door[]> {
  const place = placeOf(config);
  if (place === null) throw new Error('there is no socket to ask it by');
  const socket = net.connect(place);
  socket.setTimeout(patienceMs, () => socket.destroy(new Error('no answer')));
  return doorsSchema.parse(JSON.parse(await text(socket)));
}

/** Null: this system has no such sockets, the path is too long, or nobody could know which server it is. */
function placeOf({ DATA_DIR: folder, HTTP_PORT: port }: Pick<Config, 'DATA_DIR' | 'HTTP_PORT'>): string | null {
  const place = path.join(folder, `doctor-${port}.sock`);
  return port === 0 || process.platform === 'win32' || Buffer.byteLength(place) > longestPath ? null : place;
}

function toDoor({ iceParameters, iceCandidates }: TransportOffer): Door {
  return {
    usernameFragment: iceParameters.usernameFragment,
    password: iceParameters.password,
    candidates: iceCandidates.map(({ protocol, address, port }) => ({ protocol, address, port })),
  };
}
