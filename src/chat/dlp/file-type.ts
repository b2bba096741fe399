/** Whether an attachment is of a type that a rule names, by its name and by what its bytes say. */
import type { AttachmentFace } from '../ports.js';

/**
 * Media types of an extension where its bytes tell. A program stays one when it is called `report.pdf`:
 * the type of an attachment is read from its first bytes where they are known.
 */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  exe: ['application/x-msdownload', 'application/vnd.microsoft.portable-executable', 'application/x-dosexec'],
  elf: ['application/x-elf', 'application/x-executable', 'application/x-sharedlib'],
  msi: ['application/x-msi', 'application/x-ms-installer'],
  dmg: ['application/x-apple-diskimage'],
  deb: ['application/x-deb', 'application/vnd.debian.binary-package'],
  rpm: ['application/x-rpm'],
  apk: ['application/vnd.android.package-archive'],
  jar: ['application/java-archive'],
  zip: ['application/zip', 'application/x-zip-compressed'],
  '7z': ['application/x-7z-compressed'],
  rar: ['application/x-rar-compressed', 'application/vnd.rar'],
  gz: ['application/gzip', 'application/x-gzip'],
  tar: ['application/x-tar'],
  bz2: ['application/x-bzip2'],
  xz: ['application/x-xz'],
  zst: ['application/zstd'],
  iso: ['application/x-iso9660-image'],
  pdf: ['application/pdf'],
  rtf: ['application/rtf', 'text/rtf'],
  doc: ['application/msword', 'application/x-cfb'],
  xls: ['application/vnd.ms-excel', 'application/x-cfb'],
  ppt: ['application/vnd.ms-powerpoint', 'application/x-cfb'],
  docx: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  docm: ['application/vnd.ms-word.document.macroenabled.12'],
  xlsx: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  xlsm: ['application/vnd.ms-excel.sheet.macroenabled.12'],
  pptx: ['application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  pptm: ['application/vnd.ms-powerpoint.presentation.macroenabled.12'],
  html: ['text/html'],
  svg: ['image/svg+xml'],
  sqlite: ['application/x-sqlite3', 'application/vnd.sqlite3'],
  pst: ['application/vnd.ms-outlook-pst'],
};
/** Other names of the same thing. */
const alike: Readonly<Record<string, string>> = {
  dll: 'exe',
  scr: 'exe',
  com: 'exe',
  sys: 'exe',
  so: 'elf',
  htm: 'html',
  tgz: 'gz',
  db: 'sqlite',
};

/** The type of the list that the attachment has, null when it has none. */
export function listedType(fileTypes: readonly string[], { name, type }: AttachmentFace): string | null {
  const extension = extensionOf(name);
  const media = type.toLowerCase().split(';')[0]?.trim() ?? '';
  for (const listed of fileTypes) {
    if (listed.endsWith('/*') ? media.startsWith(listed.slice(0, -1)) : listed === media || listed === extension) return listed;
    if (typesOf[alike[listed] ?? listed]?.includes(media)) return listed;
  }
  return null;
}

/** As the system of the receiver reads it: spaces and dots at the end count for nothing on Windows. */
function extensionOf(name: string): string {
  const folded = name
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu, '')
    .replace(/[\s.]+$/, '');
  return /\.([^.\s/\\]{1,20})$/.exec(folded)?.[1]?.toLowerCase() ?? '';
}
