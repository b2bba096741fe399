/** mediasoup's scores (0 to 10) of what one peer sends and receives, the worst of each; null: nothing to judge. */
import type { ReceivedMedia } from './consumer.js';
import type { RoomProducer } from './producer.js';

export function peerScores(
  producers: Iterable<RoomProducer>,
  received: Iterable<ReceivedMedia>,
): { send: number | null; receive: number | null } {
  const send: number[] = [];
  for (const { producer } of producers) {
    // A layer that the browser doesn't send has no score above 0; the best one says how the path is.
    if (!producer.paused && producer.score.length > 0) send.push(Math.max(...producer.score.map(({ score }) => score)));
  }
  const receive: number[] = [];
  for (const { consumer } of received) if (!consumer.paused && !consumer.producerPaused) receive.push(consumer.score.score);
  return { send: worst(send), receive: worst(receive) };
}

function worst(scores: readonly number[]): number | null {
  return scores.length === 0 ? null : Math.min(...scores);
}
