/** Files that are being brought along with a message. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type RunningUpload, randomId, toRpcError } from '@/core';
import { type UploadAnswer, uploadFile } from './upload-file';

export interface Attaching {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly type: string;
  /** 0 to 1. */
  readonly progress: number;
  /** Once all of it is there. */
  readonly attachmentId: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** A picture as it is on this device. */
  readonly preview: string | null;
}

export interface Uploads {
  readonly list: readonly Attaching[];
  readonly busy: boolean;
  readonly add: (files: readonly File[]) => void;
  readonly remove: (key: string) => void;
  /** With what the person answered to a rule, where one asked. */
  readonly retry: (key: string, answer?: UploadAnswer) => void;
  /** They belong to a message now. */
  readonly clear: () => void;
}

/** The most that a message carries. */
export const filesAtMost = 10;

export function useUploads(conversationId: string): Uploads {
  const [list, setList] = useState<readonly Attaching[]>([]);
  const running = useRef(new Map<string, RunningUpload>());
  const files = useRef(new Map<string, File>());

  const change = useCallback((key: string, part: Partial<Attaching>): void => {
    setList((now) => now.map((one) => (one.key === key ? { ...one, ...part } : one)));
  }, []);
  const start = useCallback(
    (key: string, file: File, answer: UploadAnswer = {}): void => {
      const upload = uploadFile(conversationId, file, answer, (progress) => change(key, { progress }));
      running.current.set(key, upload);
      upload.done.then(
        ({ id }) => change(key, { attachmentId: id, progress: 1, error: null }),
        (error: unknown) => {
          const { code, message } = toRpcError(error);
          if (running.current.get(key) === upload) change(key, { error: { code, message } });
        },
      );
    },
    [conversationId, change],
  );
  const add = useCallback((added: readonly File[]): void => {
    setList((now) => {
      const fresh = added.slice(0, Math.max(0, filesAtMost - now.length)).map((file) => {
        const key = randomId();
        files.current.set(key, file);
        const preview = file.type.startsWith('image/') ? URL.createObjectURL(file) : null;
        return { key, name: file.name, size: file.size, type: file.type, progress: 0, attachmentId: null, error: null, preview };
      });
      return [...now, ...fresh];
    });
  }, []);
  // What was added begins once it is shown.
  useEffect(() => {
    for (const { key } of list) {
      const file = files.current.get(key);
      if (file && !running.current.has(key)) start(key, file);
    }
  }, [list, start]);
  const drop = useCallback((key: string): void => {
    const upload = running.current.get(key);
    running.current.delete(key);
    files.current.delete(key);
    upload?.cancel();
  }, []);
  const remove = useCallback(
    (key: string): void => {
      drop(key);
      setList((now) => {
        const gone = now.find((one) => one.key === key);
        if (gone?.preview) URL.revokeObjectURL(gone.preview);
        return now.filter((one) => one.key !== key);
      });
    },
    [drop],
  );
  const retry = useCallback(
    (key: string, answer: UploadAnswer = {}): void => {
      const file = files.current.get(key);
      change(key, { error: null });
      if (file) start(key, file, answer);
    },
    [change, start],
  );
  const clear = useCallback((): void => {
    running.current.clear();
    files.current.clear();
    setList((now) => {
      for (const { preview } of now) if (preview) URL.revokeObjectURL(preview);
      return [];
    });
  }, []);
  useEffect(() => {
    const uploads = running.current;
    return () => {
      for (const upload of uploads.values()) upload.cancel();
      uploads.clear();
    };
  }, []);
  return { list, busy: list.some(({ attachmentId, error }) => attachmentId === null && error === null), add, remove, retry, clear };
}
