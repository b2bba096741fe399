/**
 * What a test knows about a page from inside: whose sounds and pictures really arrive.
 *
 * `installProbe` runs in the page before its own scripts. Decoded pictures and heard sound come
 * from the browser's own statistics and from the pixels on the page; the product only says, by
 * `data-participant`, whose they are.
 */

/** A sound or a picture of somebody else that stands on the page. */
export interface Arrival {
  readonly participantId: string;
  readonly kind: 'camera' | 'screen' | 'sound';
  readonly trackId: string;
  /** Counts up with each decoded picture. */
  readonly framesDecoded: number;
  /** Of the decoded picture, pixels. */
  readonly width: number;
  /** Brightness on a coarse grid, 0 to 255: what an eye would see. Empty for sounds. */
  readonly grid: readonly number[];
  /** Counts up with what is played: `totalAudioEnergy` of W3C webrtc-stats; silence adds nothing. */
  readonly audioEnergy: number;
}

export interface Probe {
  arrivals(): Promise<Arrival[]>;
  /** What the page's security policy forbade. */
  readonly violations: readonly string[];
}

declare global {
  interface Window {
    causewayProbe: Probe;
  }
}

export function installProbe(): void {
  interface Counted {
    readonly framesDecoded: number;
    readonly audioEnergy: number;
  }
  const connections = new Set<RTCPeerConnection>();
  const violations: string[] = [];
  const canvas = new OffscreenCanvas(32, 18);
  const brush = canvas.getContext('2d', { willReadFrequently: true });

  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.add(this);
    }
  };
  document.addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective}: ${event.blockedURI}`));

  const countAll = async (): Promise<Map<string, Counted>> => {
    const counted = new Map<string, Counted>();
    for (const connection of connections) {
      if (connection.connectionState === 'closed') {
        connections.delete(connection);
        continue;
      }
      for (const stats of (await connection.getStats()).values()) {
        if (stats.type !== 'inbound-rtp') continue;
        counted.set(stats.trackIdentifier, { framesDecoded: stats.framesDecoded ?? 0, audioEnergy: stats.totalAudioEnergy ?? 0 });
      }
    }
    return counted;
  };

  const look = (video: HTMLVideoElement): number[] => {
    if (!brush || video.videoWidth === 0) return [];
    brush.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = brush.getImageData(0, 0, canvas.width, canvas.height);
    const grid: number[] = [];
    for (let at = 0; at < data.length; at += 4) grid.push(Math.round(((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3));
    return grid;
  };

  const elements = (): (HTMLVideoElement | HTMLAudioElement)[] => [
    ...document.querySelectorAll('video'),
    ...document.querySelectorAll('audio'),
  ];

  window.causewayProbe = {
    violations,
    arrivals: async () => {
      const counted = await countAll();
      const arrivals: Arrival[] = [];
      for (const element of elements()) {
        const track = element.srcObject instanceof MediaStream ? element.srcObject.getTracks()[0] : undefined;
        const place = element.closest<HTMLElement>('[data-participant]');
        const numbers = track && counted.get(track.id);
        if (!track || !place || !numbers) continue;
        const isPicture = element instanceof HTMLVideoElement;
        arrivals.push({
          participantId: place.dataset.participant ?? '',
          kind: !isPicture ? 'sound' : place.dataset.kind === 'screen' ? 'screen' : 'camera',
          trackId: track.id,
          ...numbers,
          width: isPicture ? element.videoWidth : 0,
          grid: isPicture ? look(element) : [],
        });
      }
      return arrivals;
    },
  };
}
