/** Files that may be gone by the time they are looked at: a track is moved, sealed and deleted beside who reads it. */

/** What comes of it, or `otherwise` where there is no such file or folder. */
export async function unlessMissing<Found, Otherwise>(looking: Promise<Found>, otherwise: Otherwise): Promise<Found | Otherwise> {
  try {
    return await looking;
  } catch (error) {
    if (isMissing(error)) return otherwise;
    throw error;
  }
}

/** Null: it was cut off while it was written, or somebody else's. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
