/** A browser and a system that a person recognises, from what a client calls itself. */

export interface ClientName {
  readonly browser: string | null;
  readonly system: string | null;
  readonly phone: boolean;
}

/** The first that matches: most browsers also name those that they want to be taken for. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bMicroMessenger\//, 'WeChat'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

export function nameClient(client: string): ClientName {
  const find = (list: typeof browsers): string | null => list.find(([pattern]) => pattern.test(client))?.[1] ?? null;
  return { browser: find(browsers), system: find(systems), phone: /\biPhone\b|\bAndroid\b.*\bMobile\b/.test(client) };
}
