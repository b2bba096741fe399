/** Ties a stream to a media element: the browser's own player of HLS where it is trusted, else a library. */
export interface StreamEvents {
  /** It can't go on: the right to it has ended, or the bytes don't come. */
  readonly onFailure: () => void;
}

const playlistType = 'application/vnd.apple.mpegurl';
/** So much ahead and behind is kept, seconds: a meeting of hours would fill the memory else. */
const kept = { ahead: 60, behind: 60 } as const;

/** Gives what unties it. */
export async function tieStream(media: HTMLMediaElement, playlist: string, { onFailure }: StreamEvents): Promise<() => void> {
  if (isNative(media)) {
    media.src = playlist;
    return () => untie(media);
  }
  const { default: Hls } = await import('hls.js/light');
  if (!Hls.isSupported()) {
    media.src = playlist;
    return () => untie(media);
  }
  // The pieces are what the browser takes as they are; there is nothing to be done beside the page.
  const hls = new Hls({ enableWorker: false, maxBufferLength: kept.ahead, maxMaxBufferLength: kept.ahead, backBufferLength: kept.behind });
  let mended = false;
  hls.on(Hls.Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !mended) {
      mended = true;
      hls.recoverMediaError();
      return;
    }
    onFailure();
  });
  hls.loadSource(playlist);
  hls.attachMedia(media);
  return () => {
    hls.destroy();
    untie(media);
  };
}

/** Safari's is as old as HLS; those of others are young, and theirs is the library's ground. */
function isNative(media: HTMLMediaElement): boolean {
  return media.canPlayType(playlistType) !== '' && (!('MediaSource' in globalThis) || 'ManagedMediaSource' in globalThis);
}

function untie(media: HTMLMediaElement): void {
  media.removeAttribute('src');
  media.load();
}
