/** What the gateway counts. */
import { catalogue } from '../errors.js';
import type { Metrics } from '../metrics.js';
import { closeCode } from './close-code.js';

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** What the gauges ask at each scrape. */
export interface GatewayCounts {
  readonly sockets: () => number;
  readonly waiting: () => number;
  readonly sessions: () => number;
  readonly connected: () => number;
  readonly topics: () => number;
}

/** Codes of RFC 6455 section 7.4.1 that are seen; clients may send any, which must not make any number of series. */
const plainCodes: ReadonlySet<number> = new Set([1000, 1001, 1002, 1005, 1006, 1007, 1009, 1011]);
const ourCodes: ReadonlySet<number> = new Set(
  Object.keys(catalogue)
    .filter((code): code is keyof typeof catalogue => code in catalogue)
    .map(closeCode),
);

export function createGatewayMetrics(metrics: Metrics, counts: GatewayCounts) {
  const gauge = (name: `causeway_${string}`, help: string, read: () => number) => metrics.gauge({ name, help }, (self) => self.set(read()));
  gauge('causeway_gateway_sockets', 'Sockets that are open.', counts.sockets);
  gauge('causeway_gateway_sockets_waiting', 'Open sockets that have not been welcomed.', counts.waiting);
  gauge('causeway_gateway_topics', 'Topics with subscribers on this node.', counts.topics);
  metrics.gauge({ name: 'causeway_gateway_sessions', help: 'Sessions, by whether they have a socket.', labels: ['state'] }, (self) => {
    self.set({ state: 'connected' }, counts.connected());
    self.set({ state: 'away' }, counts.sessions() - counts.connected());
  });
  const closes = metrics.counter({ name: 'causeway_gateway_closes_total', help: 'Sockets closed, by close code.', labels: ['code'] });
  return {
    framesIn: metrics.counter({ name: 'causeway_gateway_frames_in_total', help: 'Frames from clients.' }),
    framesOut: metrics.counter({
      name: 'causeway_gateway_frames_out_total',
      help: 'Frames to single clients: replies, own events, replays.',
    }),
    published: metrics.counter({
      name: 'causeway_gateway_events_published_total',
      help: 'Events sent to the subscribers of a topic on this node, each counted once.',
    }),
    refused: metrics.counter({
      name: 'causeway_gateway_handshakes_refused_total',
      help: 'Handshakes refused, by error.',
      labels: ['code'],
    }),
    requests: metrics.histogram({
      name: 'causeway_gateway_request_seconds',
      help: 'Time from a request to its reply, by method.',
      labels: ['method'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    errors: metrics.counter({
      name: 'causeway_gateway_request_errors_total',
      help: 'Requests answered with an error, by code.',
      labels: ['code'],
    }),
    resumes: metrics.counter({
      name: 'causeway_gateway_resumes_total',
      help: 'Clients that wanted to resume, by result: complete, reset (a topic could not be replayed), refused.',
      labels: ['result'],
    }),
    replayed: metrics.counter({ name: 'causeway_gateway_events_replayed_total', help: 'Events sent again.' }),
    closed(code: number): void {
      closes.inc({ code: plainCodes.has(code) || ourCodes.has(code) ? String(code) : 'other' });
    },
  };
}
