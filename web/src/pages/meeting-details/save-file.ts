/** Hands a text to the person as a file. */
export function saveFile(name: string, type: string, text: string): void {
  saveBlob(name, new Blob([text], { type }));
}

/** Has the browser fetch a file and write it to the disk as it comes, with its own signs of how far it is. */
export function saveFrom(address: string): void {
  const link = document.createElement('a');
  link.href = address;
  // As the server calls it.
  link.download = '';
  link.rel = 'noreferrer';
  link.click();
}

/** Hands what was fetched to the person as a file. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  // Signs that some file system doesn't take.
  link.download = name.replace(/[\\/:*?"<>|]/g, ' ');
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
