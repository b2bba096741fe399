/** Files that only the server may give: fetched with the sign-in, shown by an address of this page. */
import { useEffect, useState } from 'react';
import { api } from '@/api';

interface Entry {
  readonly url: Promise<string>;
  users: number;
}

const entries = new Map<string, Entry>();
/** Pictures that nobody looks at now and are kept for scrolling back. */
const keptUnused = 40;

export interface BlobUrl {
  readonly url: string | null;
  readonly failed: boolean;
  readonly retry: () => void;
}

export function useBlobUrl(attachmentId: string | null, what: 'preview' | 'whole'): BlobUrl {
  const [answer, setAnswer] = useState<{ url: string | null; failed: boolean }>({ url: null, failed: false });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks again.
  useEffect(() => {
    if (attachmentId === null) return;
    let current = true;
    const key = `${what} ${attachmentId}`;
    const entry = take(key, () => (what === 'preview' ? api.chat.preview(attachmentId) : api.chat.attachment(attachmentId)));
    entry.url.then(
      (url) => current && setAnswer({ url, failed: false }),
      () => current && setAnswer({ url: null, failed: true }),
    );
    return () => {
      current = false;
      entry.users -= 1;
      tidy();
    };
  }, [attachmentId, what, attempt]);
  return { ...answer, retry: () => setAttempt((count) => count + 1) };
}

function take(key: string, load: () => Promise<Blob>): Entry {
  const known = entries.get(key);
  if (known) {
    known.users += 1;
    return known;
  }
  const url = load().then((blob) => URL.createObjectURL(blob));
  // What failed is asked for anew the next time.
  url.catch(() => entries.delete(key));
  const entry = { url, users: 1 };
  entries.set(key, entry);
  return entry;
}

function tidy(): void {
  const unused = [...entries].filter(([, { users }]) => users <= 0);
  for (const [key, { url }] of unused.slice(0, Math.max(0, unused.length - keptUnused))) {
    entries.delete(key);
    void url.then((address) => URL.revokeObjectURL(address)).catch(() => undefined);
  }
}
