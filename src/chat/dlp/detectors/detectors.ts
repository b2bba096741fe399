/** The detectors by name, and what people are told they found: the same in every language. */
import type { DetectorName } from '../schema.js';
import { card } from './card.js';
import { hkid } from './hkid.js';
import { iban } from './iban.js';
import type { Detector } from './match.js';
import { phone } from './phone.js';
import { prcId, prcId15 } from './prc-id.js';

export const detectors: Readonly<Record<DetectorName, { readonly what: string; readonly find: Detector }>> = {
  hkid: { what: 'HKID', find: hkid },
  'prc-id': { what: 'PRC ID', find: prcId },
  'prc-id-15': { what: 'PRC ID (15)', find: prcId15 },
  card: { what: 'CARD', find: card },
  phone: { what: 'TEL', find: phone },
  iban: { what: 'IBAN', find: iban },
};

/** What a detector finds has at least so many digits. */
export const fewestDigits = 6;
