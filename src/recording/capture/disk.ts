/** The disk as capture uses it: narrow, so that a test can have one that is full or slow. */
import { open, statfs } from 'node:fs/promises';

export interface Disk {
  /** Empties a file that is there. */
  create(path: string): Promise<DiskFile>;
  /** Bytes that are free where the folder is. */
  free(folder: string): Promise<number>;
}

export interface DiskFile {
  /** Writes the bytes at the position, all of them or rejects. The same again at the same position is harmless. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** Resolves when what was written would outlive a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const realDisk: Disk = {
  create: async (path) => {
    const handle = await open(path, 'w', 0o600);
    return {
      write: async (bytes, position) => {
        let done = 0;
        while (done < bytes.length) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
          if (bytesWritten === 0) throw new Error('nothing was written');
          done += bytesWritten;
        }
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  free: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};
