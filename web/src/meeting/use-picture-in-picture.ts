import { useCallback, useEffect, useRef, useState } from 'react';

/** A window of its own for a part of the page, above all others (WICG Document Picture-in-Picture). */
interface DocumentPictureInPicture {
  readonly window: Window | null;
  requestWindow(options?: { width?: number; height?: number }): Promise<Window>;
}

declare global {
  interface Window {
    readonly documentPictureInPicture?: DocumentPictureInPicture;
  }
}

export interface PictureInPictureControl {
  /** False: this browser has neither kind. */
  readonly possible: boolean;
  readonly on: boolean;
  readonly toggle: () => void;
  /** Where the small window's content is put; null while there is none, and where the browser shows a bare picture. */
  readonly body: HTMLElement | null;
}

const size = { width: 384, height: 260 };

/** The meeting in a small window that stays in front while one works elsewhere. It closes with the meeting. */
export function usePictureInPicture(): PictureInPictureControl {
  const [small, setSmall] = useState<Window | null>(null);
  const [picture, setPicture] = useState<HTMLVideoElement | null>(null);
  const opened = useRef<Window | null>(null);

  useEffect(
    () => () => {
      opened.current?.close();
      if (document.pictureInPictureElement) void document.exitPictureInPicture().catch(() => undefined);
    },
    [],
  );

  const toggle = useCallback(() => {
    if (small && !small.closed) {
      small.close();
      setSmall(null);
    } else if (picture) void document.exitPictureInPicture().catch(() => undefined);
    else if (window.documentPictureInPicture) {
      void window.documentPictureInPicture
        .requestWindow(size)
        .then((made) => {
          dress(made.document);
          made.addEventListener('pagehide', () => setSmall((now) => (now === made ? null : now)));
          opened.current = made;
          setSmall(made);
        })
        // It opens only for a click or a key; what is refused can be asked for again.
        .catch(() => undefined);
    } else {
      const video = largestPicture();
      if (!video) return;
      video.addEventListener('leavepictureinpicture', () => setPicture(null), { once: true });
      void video
        .requestPictureInPicture()
        .then(() => setPicture(video))
        .catch(() => undefined);
    }
  }, [small, picture]);

  return {
    possible: window.documentPictureInPicture !== undefined || document.pictureInPictureEnabled === true,
    on: small !== null || picture !== null,
    toggle,
    body: small?.document.body ?? null,
  };
}

/** The new document is empty: it gets our styles, language and title. */
function dress(other: Document): void {
  const root = document.documentElement;
  other.documentElement.lang = root.lang;
  other.title = document.title;
  for (const sheet of document.querySelectorAll<HTMLLinkElement | HTMLStyleElement>('link[rel="stylesheet"], style')) {
    const copy = sheet.cloneNode(true);
    if (copy instanceof HTMLLinkElement && sheet instanceof HTMLLinkElement) copy.href = sheet.href;
    other.head.append(copy);
  }
  other.body.className = 'stage';
}

/** Of somebody else, as large as there is one. */
function largestPicture(): HTMLVideoElement | null {
  const videos = [...document.querySelectorAll<HTMLVideoElement>('[data-participant] video')].filter(
    (video) => !video.disablePictureInPicture && video.videoWidth > 0,
  );
  return videos.sort((a, b) => b.clientWidth - a.clientWidth)[0] ?? null;
}
