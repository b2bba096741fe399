/** How one wants to read captions; kept on this device. */
import { readStored, writeStored } from '@/shell/storage';

export const captionSizes = ['small', 'medium', 'large'] as const;
export const captionPlaces = ['bottom', 'top'] as const;
export const chineseScripts = ['hant', 'hans'] as const;
export type ChineseScript = (typeof chineseScripts)[number];

export interface CaptionSettings {
  readonly shown: boolean;
  readonly size: (typeof captionSizes)[number];
  readonly place: (typeof captionPlaces)[number];
  /** Null: as the page is written. */
  readonly script: ChineseScript | null;
  readonly translate: boolean;
}

const key = 'causeway.captions';

export function readCaptionSettings(): CaptionSettings {
  return toCaptionSettings(readStored(key));
}

export function writeCaptionSettings(settings: CaptionSettings): void {
  writeStored(key, JSON.stringify(settings));
}

/** Whatever stands there. Pure. */
export function toCaptionSettings(stored: string | null): CaptionSettings {
  let found: unknown = null;
  try {
    found = JSON.parse(stored ?? 'null');
  } catch {
    // Somebody else's, or half of it.
  }
  const of = (name: keyof CaptionSettings): unknown => (typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined);
  return {
    shown: of('shown') !== false,
    size: captionSizes.find((size) => size === of('size')) ?? 'medium',
    place: captionPlaces.find((place) => place === of('place')) ?? 'bottom',
    script: chineseScripts.find((script) => script === of('script')) ?? null,
    translate: of('translate') !== false,
  };
}

/** Of a page that is not in Chinese, as the reader's other languages are written; else as in Hong Kong. */
export function scriptFor(pageLanguage: string, others: readonly string[]): ChineseScript {
  for (const tag of [pageLanguage, ...others]) {
    const parts = tag.toLowerCase().split('-');
    if (parts[0] !== 'zh' && parts[0] !== 'yue') continue;
    const traditional = parts[0] === 'yue' ? !parts.includes('hans') : parts.some((part) => ['hant', 'hk', 'tw', 'mo'].includes(part));
    return traditional ? 'hant' : 'hans';
  }
  return 'hant';
}
