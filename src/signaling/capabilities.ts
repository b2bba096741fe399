/**
 * What browsers can receive, as they say it when they join. All browsers of one version say the same
 * in the same words, and to read them is a good part of what a join costs: the words are remembered.
 */
import type { types as mediasoup } from 'mediasoup';
import { parseRtpCapabilities } from '../media/index.js';

/** A text has at most 64 KiB. */
const remembered = 32;

/** @throws MEDIA_BAD_CAPABILITIES */
export function capabilitiesReader(): (text: string) => mediasoup.RtpCapabilities {
  const known = new Map<string, mediasoup.RtpCapabilities>();
  return (text) => {
    const before = known.get(text);
    const capabilities = before ?? parseRtpCapabilities(text);
    // The newest come last; the oldest is forgotten first.
    known.delete(text);
    known.set(text, capabilities);
    const [oldest] = known.keys();
    if (known.size > remembered && oldest !== undefined) known.delete(oldest);
    return capabilities;
  };
}
