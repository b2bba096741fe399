/** A small file of a recording, fetched with the sign-in and shown by an address of this page. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '@/api';
import { archiveKeys } from './archive-queries';

/** Null: it isn't there, or not yet. */
export function useFileUrl({ id, version }: { readonly id: string; readonly version: number }, name: string | null): string | null {
  const file = useQuery({
    queryKey: archiveKeys.file(id, version, name ?? ''),
    queryFn: ({ signal }) => api.recordings.file(id, name ?? '', signal),
    enabled: name !== null && version > 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file.data) return;
    const address = URL.createObjectURL(file.data);
    setUrl(address);
    return () => {
      setUrl(null);
      URL.revokeObjectURL(address);
    };
  }, [file.data]);
  return url;
}
