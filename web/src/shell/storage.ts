/** The browser's storage, which may be full, closed to this page, or not there at all: the page then works without. */

export function readStored(key: string, storage = () => localStorage): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

/** Null forgets it. */
export function writeStored(key: string, value: string | null, storage = () => localStorage): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // It isn't remembered, that is all.
  }
}
