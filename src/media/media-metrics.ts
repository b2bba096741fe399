/** What Prometheus sees of the SFU core. */
import type { Metrics } from '../platform/metrics.js';
import type { LocalPart } from './local-part.js';
import type { Room } from './room.js';
import type { WorkerPool } from './worker-pool.js';

export interface GaugedMedia {
  readonly pool: WorkerPool;
  /** On this node. */
  readonly parts: () => readonly LocalPart[];
  /** Directed from this node. */
  readonly rooms: ReadonlyMap<string, Room>;
}

export function createMediaCounters(metrics: Metrics) {
  return {
    deaths: metrics.counter({ name: 'causeway_media_worker_deaths_total', help: 'Media workers that died.' }),
    moves: metrics.counter({
      name: 'causeway_media_room_moves_total',
      help: 'Rooms that went to another media worker because theirs died.',
    }),
    losses: metrics.counter({ name: 'causeway_media_rooms_lost_total', help: 'Rooms that ended because no media worker could take them.' }),
  };
}

export function registerMediaGauges(metrics: Metrics, { pool, parts, rooms }: GaugedMedia): void {
  const sum = (name: keyof LocalPart['counts']) => parts().reduce((total, part) => total + part.counts[name], 0);
  metrics.gauge({ name: 'causeway_media_workers', help: 'Media workers that live.' }, (gauge) => gauge.set(pool.workers.length));
  metrics.gauge({ name: 'causeway_media_rooms', help: 'Open rooms.' }, (gauge) => gauge.set(rooms.size));
  metrics.gauge({ name: 'causeway_media_routers', help: 'Routers of the rooms that this node has a part of.' }, (gauge) =>
    gauge.set(sum('floors')),
  );
  metrics.gauge({ name: 'causeway_media_pipes', help: 'Streams that come to a router through a pipe.' }, (gauge) =>
    gauge.set(sum('pipes')),
  );
  metrics.gauge({ name: 'causeway_media_transports', help: 'WebRTC transports; two for each peer.' }, (gauge) =>
    gauge.set(sum('transports')),
  );
  metrics.gauge({ name: 'causeway_media_producers', help: 'Streams that peers send.' }, (gauge) => gauge.set(sum('producers')));
  metrics.gauge({ name: 'causeway_media_consumers', help: 'Streams that peers receive.' }, (gauge) => gauge.set(sum('consumers')));
  metrics.gauge(
    { name: 'causeway_media_consumers_starved', help: 'Pictures that are not sent because their peer has too little bandwidth.' },
    (gauge) => gauge.set(sum('starved')),
  );
  metrics.gauge(
    { name: 'causeway_media_worker_cpu_ratio', help: 'Share of one core that a media worker uses.', labels: ['port'] },
    (gauge) => {
      gauge.reset();
      for (const { port, cpu } of pool.workers) gauge.set({ port: String(port) }, cpu);
    },
  );
}
