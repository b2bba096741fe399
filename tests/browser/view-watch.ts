/** What a page asks the server to show, read from its own frames on the socket. */
import type { Page } from 'playwright-core';
import { causeway } from '#proto';

export interface ViewWatch {
  /** The pictures of the last MediaService.SetView; null before the first. */
  readonly shown: ReadonlySet<string> | null;
  /** All that were ever asked for. */
  readonly everShown: ReadonlySet<string>;
}

export function watchView(page: Page): ViewWatch {
  let shown: ReadonlySet<string> | null = null;
  const everShown = new Set<string>();
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string') return;
      const { request } = causeway.ClientFrame.decode(new Uint8Array(payload));
      if (request?.method !== 'MediaService.SetView') return;
      const view = causeway.SetViewRequest.decode(request.payload ?? new Uint8Array());
      shown = new Set(view.shown.map((one) => one.producerId ?? ''));
      for (const id of shown) everShown.add(id);
    }),
  );
  return {
    get shown() {
      return shown;
    },
    everShown,
  };
}
