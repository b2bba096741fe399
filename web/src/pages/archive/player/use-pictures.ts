/** The small pictures of a recording: fetched when the pointer first comes by, and kept while the page is open. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, type RecordingDetail } from '@/api';
import type { Thumbnail } from './scrubber-data';

export function usePictures({ id, version }: Pick<RecordingDetail, 'id' | 'version'>): (thumbnail: Thumbnail | null) => string | null {
  const [addresses, setAddresses] = useState<ReadonlyMap<string, string>>(new Map());
  const asked = useRef(new Set<string>());
  const made = useRef<string[]>([]);
  const place = `${id} ${version}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another version has other pictures.
  useEffect(() => {
    const names = asked.current;
    return () => {
      for (const address of made.current) URL.revokeObjectURL(address);
      made.current = [];
      names.clear();
      setAddresses(new Map());
    };
  }, [place]);

  const wanted = useRef<string | null>(null);
  const [, look] = useState(0);
  useEffect(() => {
    const name = wanted.current;
    if (name === null || asked.current.has(name)) return;
    asked.current.add(name);
    api.recordings.file(id, name).then(
      (blob) => {
        if (!asked.current.has(name)) return;
        const address = URL.createObjectURL(blob);
        made.current.push(address);
        setAddresses((now) => new Map(now).set(name, address));
      },
      () => undefined,
    );
  });

  return useCallback(
    (thumbnail) => {
      if (!thumbnail) return null;
      const address = addresses.get(thumbnail.name);
      if (address === undefined && !asked.current.has(thumbnail.name)) {
        wanted.current = thumbnail.name;
        queueMicrotask(() => look((count) => count + 1));
      }
      return address ?? null;
    },
    [addresses],
  );
}
