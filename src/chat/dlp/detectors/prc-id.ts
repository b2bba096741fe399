/** Resident identity cards of the mainland: 18 digits by GB 11643-1999, and the 15 of the generation before. */
import { type Match, matchesOf } from './match.js';

const gap = '[ ./-]?';
const pattern18 = new RegExp(`(?<!\\d)\\d(?:${gap}\\d){16}${gap}[0-9Xx](?!\\d)`, 'g');
const pattern15 = /(?<![\d.])\d{15}(?![\dXx])/g;

/** First two digits, GB/T 2260; 81 to 83 are the residence permits of people from Hong Kong, Macao and Taiwan. */
const provinces: ReadonlySet<string> = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91'.split(' '),
);
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;

export function prcId(text: string): Match[] {
  return matchesOf(text, pattern18, ([found]) => {
    const id = found.replace(/[^0-9Xx]/g, '').toUpperCase();
    const born = isDay(Number(id.slice(6, 10)), id.slice(10, 14));
    return provinces.has(id.slice(0, 2)) && born && checkCharacter(id) === id[17] ? id : null;
  });
}

export function prcId15(text: string): Match[] {
  return matchesOf(text, pattern15, ([id]) =>
    provinces.has(id.slice(0, 2)) && isDay(1900 + Number(id.slice(6, 8)), id.slice(8, 12)) ? id : null,
  );
}

/** Of the first 17 digits: ISO 7064 MOD 11-2. */
export function checkCharacter(id: string): string {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(id[index]), 0);
  return '10X98765432'[sum % 11] ?? '';
}

/** A day of the calendar on which somebody alive may have been born. */
function isDay(year: number, monthAndDay: string): boolean {
  const month = Number(monthAndDay.slice(0, 2));
  const day = Number(monthAndDay.slice(2));
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1900 && date.getTime() <= Date.now() && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
