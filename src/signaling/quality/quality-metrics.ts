/** What Prometheus sees of the quality of calls, over all meetings of the node. */
import type { Metrics } from '../../platform/metrics.js';
import { lossIn, lossOut } from './grade.js';
import type { Sample } from './sample.js';

export type CountSample = (sample: Sample) => void;

const shares = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const seconds = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2];

export function createQualityMetrics(metrics: Metrics): CountSample {
  const samples = metrics.counter({ name: 'causeway_call_samples_total', help: 'Reports of pages about their connection.' });
  const loss = metrics.histogram({
    name: 'causeway_call_loss_ratio',
    help: 'Packets lost on the way to a page (in) and from it (out), in each report.',
    labels: ['direction'],
    buckets: shares,
  });
  const roundTrip = metrics.histogram({
    name: 'causeway_call_round_trip_seconds',
    help: 'Round trip between a page and the server, in each report.',
    buckets: seconds,
  });
  const jitter = metrics.histogram({
    name: 'causeway_call_jitter_seconds',
    help: 'Mean jitter of sound that came to a page, in each report.',
    buckets: seconds,
  });
  const freezes = metrics.counter({ name: 'causeway_call_freezes_total', help: 'Pictures that stood still, as pages saw it.' });
  const frozen = metrics.counter({ name: 'causeway_call_frozen_seconds_total', help: 'For how long pictures stood still.' });
  const starved = metrics.counter({
    name: 'causeway_call_samples_starved_total',
    help: 'Reports in which a picture did not come for lack of bandwidth.',
  });
  const relayed = metrics.counter({
    name: 'causeway_call_samples_relayed_total',
    help: 'Reports in which media went over TCP or a TURN server.',
  });
  return (sample) => {
    samples.inc();
    const ways = { received: sample.packetsReceived, lost: sample.packetsLost, sent: sample.packetsSent, sentLost: sample.sentPacketsLost };
    const [into, out] = [lossIn(ways), lossOut(ways)];
    if (into !== null) loss.observe({ direction: 'in' }, into);
    if (out !== null) loss.observe({ direction: 'out' }, out);
    if (sample.roundTripMs > 0) roundTrip.observe(sample.roundTripMs / 1_000);
    if (sample.packetsReceived > 0) jitter.observe(sample.jitterMs / 1_000);
    freezes.inc(sample.freezes);
    frozen.inc(sample.freezesMs / 1_000);
    if (sample.starved > 0) starved.inc();
    if (sample.relayed) relayed.inc();
  };
}
