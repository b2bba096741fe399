/** What the server answers to Fetch, as a page of a conversation's log. */
import type { causeway } from '#proto';
import { toMessage } from './chat-model';
import type { Page } from './conversation-log';

export function pageOf(reply: causeway.FetchReply): Page {
  return {
    latest: reply.latest,
    messages: reply.messages.map((message) => toMessage(message, reply.latest)).sort((a, b) => a.number - b.number),
  };
}

export function firstOf(page: Page): number {
  return page.messages[0]?.number ?? 1;
}

export function lastOf(page: Page, otherwise: number): number {
  return page.messages.at(-1)?.number ?? otherwise;
}
