/**
 * Pushes to this browser while no page is open: on, off, and what the browser renewed by itself. A
 * browser has one subscription, which is the person's who switched it on; another who signs in gets none of it.
 */
import type { pushSubscriptionBody } from '@server/chat/notify/schema';
import type { z } from 'zod';

/** unsupported: by the browser, or because the page came by http. blocked: the person told the browser so. */
export type PushState = 'unsupported' | 'blocked' | 'off' | 'on';

export interface PushServer {
  readonly key: () => Promise<{ key: string }>;
  readonly subscribe: (body: z.input<typeof pushSubscriptionBody>) => Promise<unknown>;
  readonly unsubscribe: () => Promise<unknown>;
}

export interface PushOptions {
  readonly server: PushServer;
  readonly personId: string;
  readonly language: () => 'en' | 'zh-Hant' | 'zh-Hans';
}

const workerUrl = '/push-worker.js';
const storageKey = 'causeway.push';

export class Push {
  readonly #options: PushOptions;

  constructor(options: PushOptions) {
    this.#options = options;
  }

  async state(): Promise<PushState> {
    if (!isSupported()) return 'unsupported';
    if (Notification.permission === 'denied') return 'blocked';
    const registration = await navigator.serviceWorker.getRegistration(workerUrl);
    const subscription = await registration?.pushManager.getSubscription();
    return subscription && Notification.permission === 'granted' && readOwner() === this.#options.personId ? 'on' : 'off';
  }

  /** Asks the person, where the browser has to; call it from a click. @throws what the server or the push service refuses */
  async turnOn(): Promise<PushState> {
    if (!isSupported()) return 'unsupported';
    const permission = await Notification.requestPermission();
    if (permission !== 'granted') return permission === 'denied' ? 'blocked' : 'off';
    await this.#subscribe();
    return 'on';
  }

  async turnOff(): Promise<void> {
    writeOwner(null);
    await this.#options.server.unsubscribe();
    const registration = isSupported() ? await navigator.serviceWorker.getRegistration(workerUrl) : undefined;
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
  }

  /** At the start of a page: addresses and keys of subscriptions change now and then, and with the language the words do. */
  async refresh(): Promise<void> {
    if (isSupported() && Notification.permission === 'granted' && readOwner() === this.#options.personId) await this.#subscribe();
  }

  async #subscribe(): Promise<void> {
    const { server, personId, language } = this.#options;
    await navigator.serviceWorker.register(workerUrl);
    const { pushManager } = await navigator.serviceWorker.ready;
    const { key } = await server.key();
    const wanted = bytesOf(key);
    const old = await pushManager.getSubscription();
    // Made for another installation, or before its keys were lost: nobody could send to it.
    const fits = old !== null && sameBytes(old.options.applicationServerKey, wanted);
    if (old && !fits) await old.unsubscribe();
    const subscription = old && fits ? old : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
    const { endpoint, keys } = subscription.toJSON();
    await server.subscribe({
      endpoint: endpoint ?? '',
      keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' },
      language: language(),
    });
    writeOwner(personId);
  }
}

/** The person clicked on a notification: where it leads. Gives how to stop. */
export function onNotificationOpened(listener: (path: string) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  const hear = ({ data }: MessageEvent<unknown>): void => {
    if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== 'causeway.open') return;
    if ('path' in data && typeof data.path === 'string' && /^\/(chat|archive)(\/|\?|$)/.test(data.path)) listener(data.path);
  };
  navigator.serviceWorker.addEventListener('message', hear);
  navigator.serviceWorker.startMessages();
  return () => navigator.serviceWorker.removeEventListener('message', hear);
}

function isSupported(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function sameBytes(one: ArrayBuffer | null, other: Uint8Array): boolean {
  if (one === null || one.byteLength !== other.length) return false;
  return new Uint8Array(one).every((byte, index) => byte === other[index]);
}

function readOwner(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function writeOwner(personId: string | null): void {
  try {
    if (personId === null) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, personId);
  } catch {
    // Storage is closed to this page: pushes work, and the switch forgets that it is on.
  }
}
