/**
 * Time in the picture: the camera is replaced by a canvas that shows the moment of its drawing as
 * black and white fields, and the receiving page reads that moment from the pixels that it is about
 * to show. All pages are in one browser on one machine, so their clocks agree.
 */

/** One picture as it was read at the receiver. Milliseconds since 1970. */
export interface Seen {
  /** The person whose picture it is: the stream's name on the receiving side. */
  readonly streamId: string;
  readonly drawnAt: number;
  readonly seenAt: number;
  readonly width: number;
}

export interface TimeCode {
  /** Takes what was read since the last call. */
  take(): Seen[];
  /** Pictures that could not be read, because they were too coarse. */
  readonly unreadable: number;
}

declare global {
  interface Window {
    causewayTimeCode: TimeCode;
  }
}

/** Runs in the page before its own scripts. */
export function installTimeCode({ width, height, frameRate }: { width: number; height: number; frameRate: number }): void {
  // 24 bits of time and 4 of parity: 4.6 hours before it repeats.
  const columns = 7;
  const rows = 4;
  const timeBits = 24;
  const wrap = 2 ** timeBits;
  const now = (): number => performance.timeOrigin + performance.now();

  const parity = (value: number): number => {
    let sum = 5;
    for (let rest = value; rest > 0; rest = Math.floor(rest / 16)) sum ^= rest % 16;
    return sum;
  };

  // Sender

  const draw = (brush: CanvasRenderingContext2D): void => {
    const value = Math.floor(now()) % wrap;
    const bits = value.toString(2).padStart(timeBits, '0') + parity(value).toString(2).padStart(4, '0');
    for (let cell = 0; cell < columns * rows; cell += 1) {
      brush.fillStyle = bits[cell] === '1' ? '#fff' : '#000';
      brush.fillRect(
        ((cell % columns) * width) / columns,
        (Math.floor(cell / columns) * height) / rows,
        width / columns + 1,
        height / rows + 1,
      );
    }
  };

  const openCamera = (): MediaStreamTrack => {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const brush = canvas.getContext('2d', { alpha: false });
    if (!brush) throw new Error('no canvas');
    draw(brush);
    // At rate 0 a picture is taken when it is asked for, not when the page is painted.
    const track = canvas.captureStream(0).getVideoTracks()[0];
    if (!(track instanceof CanvasCaptureMediaStreamTrack)) throw new Error('no track');
    const timer = setInterval(() => {
      if (track.readyState === 'ended') clearInterval(timer);
      draw(brush);
      track.requestFrame();
    }, 1_000 / frameRate);
    return track;
  };

  const devices = navigator.mediaDevices;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints = {}) => {
    const sound = constraints.audio ? (await getUserMedia({ audio: constraints.audio })).getAudioTracks() : [];
    return new MediaStream([...sound, ...(constraints.video ? [openCamera()] : [])]);
  };

  // Receiver

  const streamOf = new Map<string, string>();
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track, streams }) => streamOf.set(track.id, streams[0]?.id ?? ''));
    }
  };

  const grid = new OffscreenCanvas(columns * 4, rows * 4);
  const eye = grid.getContext('2d', { willReadFrequently: true });
  let seen: Seen[] = [];
  let unreadable = 0;

  const read = (video: HTMLVideoElement): number | null => {
    if (!eye) return null;
    eye.drawImage(video, 0, 0, grid.width, grid.height);
    const { data } = eye.getImageData(0, 0, grid.width, grid.height);
    let bits = '';
    for (let cell = 0; cell < columns * rows; cell += 1) {
      const x = (cell % columns) * 4 + 2;
      const y = Math.floor(cell / columns) * 4 + 2;
      const brightness = data[(y * grid.width + x) * 4 + 1] ?? 0;
      if (brightness > 96 && brightness < 160) return null;
      bits += brightness > 128 ? '1' : '0';
    }
    const value = Number.parseInt(bits.slice(0, timeBits), 2);
    return Number.parseInt(bits.slice(timeBits), 2) === parity(value) ? value : null;
  };

  const watch = (video: HTMLVideoElement): void => {
    video.requestVideoFrameCallback(() => {
      const seenAt = now();
      const track = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0] : undefined;
      const streamId = track && streamOf.get(track.id);
      if (streamId !== undefined) {
        const value = read(video);
        if (value === null) unreadable += 1;
        else
          seen.push({
            streamId,
            seenAt,
            drawnAt: seenAt - ((Math.floor(seenAt) - value + wrap) % wrap) - (seenAt % 1),
            width: video.videoWidth,
          });
      }
      if (video.isConnected) watch(video);
    });
  };

  const watched = new WeakSet<HTMLVideoElement>();
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video')) {
      if (watched.has(video)) continue;
      watched.add(video);
      watch(video);
    }
  }).observe(document, { childList: true, subtree: true });

  window.causewayTimeCode = {
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    get unreadable() {
      return unreadable;
    },
  };
}
