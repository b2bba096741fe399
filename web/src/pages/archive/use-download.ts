/** Has the browser download a large file by itself: the page holds nothing of it, and need not stay. */
import { useMutation } from '@tanstack/react-query';
import { ApiError, api, type DownloadWish } from '@/api';
import { saveFrom } from '@/pages/meeting-details/save-file';

export interface Downloading {
  start(wish: DownloadWish): void;
  /** What is being asked for. */
  readonly asked: DownloadWish | null;
  /** The browser has it from here on. */
  readonly begun: boolean;
  readonly failure: ApiError | null;
}

export function useDownload(): Downloading {
  const { mutate, isPending, isSuccess, variables, error } = useMutation({
    mutationFn: (wish: DownloadWish) => api.recordings.downloadLink(wish),
    onSuccess: ({ url }) => saveFrom(url),
  });
  return {
    start: mutate,
    asked: isPending ? variables : null,
    begun: isSuccess,
    failure: error instanceof ApiError ? error : null,
  };
}
