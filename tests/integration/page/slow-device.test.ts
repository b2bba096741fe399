import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatKeep, type Kept } from '../../../web/src/core/chat-keep.js';
import { tail } from '../../../web/src/core/conversation-log.js';
import type { SignedIn } from '../../support/api.js';
import { makeConversation } from '../../support/chat.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { ChatPerson } from './chat-person.js';

/** A device whose storage answers when it is told to. */
class SlowKeep extends ChatKeep {
  answer: () => void = () => undefined;
  readonly #told = new Promise<void>((resolve) => {
    this.answer = resolve;
  });

  override async load(): Promise<Kept> {
    await this.#told;
    return super.load();
  }
}

let server: TestServer;
let olivia: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
});
afterAll(() => server?.close());

describe('A page whose device is slower than the network', () => {
  it('shows what the server has, not the list alone that was kept', async () => {
    const { id } = await makeConversation(server, olivia, []);
    const urls = [await server.gatewayUrl()];
    const before = new ChatPerson(olivia, urls);
    await before.start();
    await waitFor(() => before.client.log(id) !== null, 'the list');
    const keep = new SlowKeep(olivia.person.id);
    keep.answer();
    await keep.load();
    await keep.saveHeads('', [...before.client.store.get().heads.values()]);
    keep.close();
    before.close();
    const slow = new SlowKeep(olivia.person.id);
    const page = new ChatPerson(olivia, urls, slow);
    const started = page.start();
    await waitFor(() => page.isOpen, 'the socket');
    // Whoever asks the server before the device has answered has its answer by now.
    await page.client.refresh(id);
    slow.answer();
    await started;
    await waitFor(() => page.client.log(id) !== null, 'the conversation');
    await page.client.open(id);
    expect(tail(page.client.log(id)!)).not.toBeNull();
    page.close();
    slow.close();
  });
});
