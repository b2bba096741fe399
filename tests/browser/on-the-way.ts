import type { Page } from 'playwright-core';
import { causeway } from '#proto';

/** Sends frames to the page as the server would, between those of the server. Call it before the page connects. */
export async function onTheWay(page: Page): Promise<(frame: causeway.ServerFrame.$Properties) => void> {
  let send: (bytes: Buffer) => void = () => undefined;
  await page.routeWebSocket(/.*/, (socket) => {
    const origin = socket.connectToServer();
    socket.onMessage((message) => origin.send(message));
    origin.onMessage((message) => socket.send(message));
    send = (bytes) => socket.send(bytes);
  });
  return (frame) => send(Buffer.from(causeway.ServerFrame.encode(causeway.ServerFrame.create(frame)).finish()));
}
