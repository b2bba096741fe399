import path from 'node:path';

/** Where what is made on the way lies. Of a recording that was deleted it goes too. */
export function workFolder(dataDir: string, recordingId: string): string {
  return path.join(dataDir, 'work', recordingId);
}
