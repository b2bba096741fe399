/** A person whose media goes through a bad network, and a record of what arrives meanwhile. */
import type { TestBrowser, VisitorOptions } from '../../support/browser.js';
import { UdpRelay } from '../../support/udp-relay.js';
import { Person } from '../person.js';

/** What the page has received so far, by track. */
export interface Sample {
  /** Milliseconds of the test's clock. */
  readonly at: number;
  readonly sounds: Readonly<Record<string, { packets: number; samples: number; concealed: number }>>;
  readonly pictures: Readonly<Record<string, { frames: number; height: number }>>;
  /** Of the path that media takes now: udp, tcp, or both while it changes. */
  readonly protocols: readonly string[];
}

declare global {
  interface Window {
    causewayRecord: Sample[];
  }
}

export interface RelayedOptions extends VisitorOptions {
  /** The one media port of the server. */
  readonly mediaPort: number;
  /** Whether the page is told the worker's TCP port, which no relay stands before. Default: no, so that a test of UDP stays one. */
  readonly tcp?: boolean;
  readonly seed?: number;
}

export interface RelayedPerson {
  readonly person: Person;
  readonly relay: UdpRelay;
  /** Everything since the page was loaded. */
  samples(): Promise<Sample[]>;
  close(): void;
}

export async function relayedPerson(
  browser: TestBrowser,
  name: string,
  { mediaPort, tcp = false, seed = 1, ...options }: RelayedOptions,
): Promise<RelayedPerson> {
  const relay = await UdpRelay.open({ port: mediaPort, seed });
  const person = await Person.at(browser, name, options);
  await person.visitor.context.addInitScript(takeTheRelay, { mediaPort, relayPort: relay.port, tcp });
  await person.visitor.context.addInitScript(record);
  return { person, relay, samples: () => person.page.evaluate(() => window.causewayRecord), close: () => relay.close() };
}

/**
 * Runs in the page, before its own scripts. mediasoup-client writes the server's candidates into
 * the remote description; there the worker's port becomes the relay's.
 */
function takeTheRelay({ mediaPort, relayPort, tcp }: { mediaPort: number; relayPort: number; tcp: boolean }): void {
  const candidate = /^a=candidate:\S+ \d+ (udp|tcp) \d+ \S+ (\d+) .*$/i;
  const rewritten = (line: string): string[] => {
    const [, protocol, port] = candidate.exec(line) ?? [];
    if (Number(port) !== mediaPort) return [line];
    if (protocol === 'tcp') return tcp ? [line] : [];
    return [line.replace(` ${mediaPort} `, ` ${relayPort} `)];
  };
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const sdp = description.sdp?.split('\r\n').flatMap(rewritten).join('\r\n');
      return super.setRemoteDescription(sdp === undefined ? description : { ...description, sdp });
    }
  };
}

/** Runs in the page: counts five times a second. */
function record(): void {
  const connections = new Set<RTCPeerConnection>();
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.add(this);
    }
  };
  window.causewayRecord = [];
  const look = async (): Promise<void> => {
    const sounds: Record<string, { packets: number; samples: number; concealed: number }> = {};
    const pictures: Record<string, { frames: number; height: number }> = {};
    const protocols = new Set<string>();
    for (const connection of connections) {
      if (connection.connectionState === 'closed') {
        connections.delete(connection);
        continue;
      }
      const report = await connection.getStats();
      for (const stats of report.values()) {
        if (stats.type === 'inbound-rtp' && stats.kind === 'audio') {
          sounds[stats.trackIdentifier] = {
            packets: stats.packetsReceived ?? 0,
            samples: stats.totalSamplesReceived ?? 0,
            // What the browser fills a pause of speech with is no fault.
            concealed: (stats.concealedSamples ?? 0) - (stats.silentConcealedSamples ?? 0),
          };
        }
        if (stats.type === 'inbound-rtp' && stats.kind === 'video')
          pictures[stats.trackIdentifier] = { frames: stats.framesDecoded ?? 0, height: stats.frameHeight ?? 0 };
        const pair = stats.type === 'transport' ? report.get(stats.selectedCandidatePairId) : undefined;
        const local = pair && report.get(pair.localCandidateId);
        if (local) protocols.add(local.protocol);
      }
    }
    window.causewayRecord.push({ at: Date.now(), sounds, pictures, protocols: [...protocols] });
  };
  setInterval(() => void look().catch(() => undefined), 200);
}
