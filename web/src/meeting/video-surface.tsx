import { useEffect, useRef, useState } from 'react';
import { cx } from '@/design';
import styles from './video-surface.module.css';

export interface VideoSurfaceProps {
  readonly stream: MediaStream;
  /** `camera` or `screen`, for those who look for it. */
  readonly source: 'camera' | 'screen';
  /** One's own picture: as in a mirror, and never counted as somebody's first frame. */
  readonly own?: boolean | undefined;
  readonly fit?: 'cover' | 'contain' | undefined;
  /** A picture is there: before that the tile shows the avatar. */
  readonly onFrame?: (() => void) | undefined;
}

const firstFrameMark = 'causeway:first-remote-frame';

/**
 * Shows a stream. When it is replaced by another one (another camera, another media server), the
 * old element stays on top with its last picture until the new one has something to show.
 */
export function VideoSurface({ stream, source, own = false, fit = 'cover', onFrame }: VideoSurfaceProps) {
  const host = useRef<HTMLDivElement>(null);
  const frameSeen = useRef(onFrame);
  useEffect(() => {
    frameSeen.current = onFrame;
  });

  useEffect(() => {
    const holder = host.current;
    if (!holder) return;
    const video = document.createElement('video');
    video.autoplay = true;
    video.muted = true;
    video.playsInline = true;
    video.disablePictureInPicture = own;
    video.dataset.source = source;
    video.setAttribute('aria-hidden', 'true');
    video.srcObject = stream;
    holder.prepend(video);
    void video.play().catch(() => undefined);
    const stop = whenFrame(video, () => {
      if (!own && performance.getEntriesByName(firstFrameMark).length === 0) performance.mark(firstFrameMark);
      for (const other of [...holder.children]) if (other !== video) other.remove();
      frameSeen.current?.();
    });
    return stop;
  }, [stream, source, own]);

  return <div ref={host} className={cx(styles.surface, own && source === 'camera' && styles.mirror)} data-fit={fit} />;
}

/** The frame that the stream shows first; true while it is not there yet. */
export function useFrame(stream: MediaStream | null): { readonly shown: boolean; readonly onFrame: () => void } {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (stream === null) setSeen(false);
  }, [stream]);
  return { shown: stream !== null && seen, onFrame: () => setSeen(true) };
}

/** Calls when the first picture is on the screen. The result stops waiting. */
function whenFrame(video: HTMLVideoElement, seen: () => void): () => void {
  if ('requestVideoFrameCallback' in video) {
    const handle = video.requestVideoFrameCallback(seen);
    return () => video.cancelVideoFrameCallback(handle);
  }
  const element: HTMLElement = video;
  element.addEventListener('loadeddata', seen, { once: true });
  return () => element.removeEventListener('loadeddata', seen);
}
