/** The live side of chat: the socket, the client, and what it keeps on this device. */
import type { ServerFace } from '@/api';
import { ChatClient, ChatKeep, gatewayUrlsOf, NetworkWatch, Socket } from '@/core';

export interface OpenChatOptions {
  readonly me: { readonly id: string; readonly name: string };
  readonly server: ServerFace;
  readonly language: string;
  readonly accessToken: () => Promise<string | null>;
}

export function openChat({ me, server, language, accessToken }: OpenChatOptions): { client: ChatClient; close: () => void } {
  const socket = new Socket({ urls: gatewayUrlsOf(server, location.hostname), language, client: `web ${server.version}`, accessToken });
  const client = new ChatClient({ socket, me, keep: new ChatKeep(me.id) });
  const network = new NetworkWatch();
  network.on('changed', () => socket.check());
  void client.start();
  socket.open();
  return {
    client,
    close: () => {
      network.close();
      client.close();
      // What was just told, such as a draft, is on its way before the socket closes: frames keep their order.
      socket.close();
    },
  };
}
