/**
 * The viewers of a webinar: who sees and hears the stage without being on it. They may be thousands,
 * so nothing here is told to everybody; they are counted, and hosts look them up page by page.
 */
import { causeway } from '#proto';
import { CausewayError } from '../platform/errors.js';
import type { ParticipantState } from './meeting-state.js';

export interface Viewer extends ParticipantState {
  /** The role on stage that a host has given him; he takes it up when his page joins again. */
  readonly called: StageRole | null;
}

export type StageRole = Exclude<causeway.Role, causeway.Role.ROLE_UNSPECIFIED | causeway.Role.ROLE_VIEWER>;

export interface ViewersPage {
  readonly viewers: readonly Viewer[];
  /** Viewers that match, on all pages. */
  readonly total: number;
  /** Null: these are the last. */
  readonly cursor: string | null;
}

export const viewersPage = { default: 50, max: 200, queryCharacters: 120 } as const;

/** Where a list stands: raised hands by time, then names in the order of the alphabet. */
interface Place {
  /** 0: the hand is down. */
  readonly hand: number;
  readonly name: string;
  readonly id: string;
}

const alphabet = new Intl.Collator('en', { numeric: true });

export class Audience {
  readonly #byId = new Map<string, Viewer>();
  /** Always in order: sorting thousands for each page that a host looks at would be felt by everybody. */
  readonly #byName: Viewer[] = [];
  /** Raised, nearly in order. */
  readonly #hands = new Set<string>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Viewer | undefined {
    return this.#byId.get(id);
  }

  /** With a raised hand, oldest first. */
  get hands(): Viewer[] {
    return [...this.#hands].flatMap((id) => this.#byId.get(id) ?? []).sort((one, other) => compare(toPlace(one), toPlace(other)));
  }

  ofPerson(personId: string): Viewer[] {
    return this.#byName.filter((viewer) => viewer.personId === personId);
  }

  add(participant: ParticipantState): void {
    const viewer: Viewer = { ...participant, role: causeway.Role.ROLE_VIEWER, handRaisedAt: 0, producers: [], called: null };
    this.#byName.splice(this.#indexOf(viewer), 0, viewer);
    this.#byId.set(viewer.id, viewer);
  }

  /** Gives who was there. */
  delete(id: string): Viewer | undefined {
    const viewer = this.#byId.get(id);
    if (!viewer) return undefined;
    this.#byName.splice(this.#indexOf(viewer), 1);
    this.#byId.delete(id);
    this.#hands.delete(id);
    return viewer;
  }

  /** False: nothing has changed. */
  update(id: string, change: Partial<Pick<Viewer, 'connected' | 'handRaisedAt' | 'called'>>): boolean {
    const before = this.#byId.get(id);
    if (!before) return false;
    const viewer = { ...before, ...change };
    if (viewer.connected === before.connected && viewer.handRaisedAt === before.handRaisedAt && viewer.called === before.called)
      return false;
    this.#byName[this.#indexOf(before)] = viewer;
    this.#byId.set(id, viewer);
    if (viewer.handRaisedAt === 0) this.#hands.delete(id);
    else this.#hands.add(id);
    return true;
  }

  /** Raised hands first. The cursor names a place, not a number: who comes and goes meanwhile moves nobody else. @throws REQUEST_INVALID */
  list({ query, cursor, limit }: { query: string; cursor: string; limit: number }): ViewersPage {
    if (limit > viewersPage.max) throw invalid('limit');
    if (query.length > viewersPage.queryCharacters) throw invalid('query');
    const after = cursor === '' ? null : readCursor(cursor);
    const part = fold(query);
    const size = limit || viewersPage.default;
    const viewers: Viewer[] = [];
    let total = 0;
    let more = false;
    const look = (viewer: Viewer) => {
      if (part !== '' && !fold(viewer.name).includes(part)) return;
      total += 1;
      if (after && compare(toPlace(viewer), after) <= 0) return;
      if (viewers.length < size) viewers.push(viewer);
      else more = true;
    };
    for (const viewer of this.hands) look(viewer);
    for (const viewer of this.#byName) if (viewer.handRaisedAt === 0) look(viewer);
    const last = viewers.at(-1);
    return { viewers, total, cursor: more && last ? writeCursor(toPlace(last)) : null };
  }

  /** Where the viewer stands in the order of names, or would stand. */
  #indexOf({ name, id }: Viewer): number {
    let [low, high] = [0, this.#byName.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#byName[middle];
      if (other && byName(other, { name, id }) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function toPlace({ handRaisedAt, name, id }: Viewer): Place {
  return { hand: handRaisedAt, name, id };
}

function compare(one: Place, other: Place): number {
  if (one.hand > 0 !== other.hand > 0) return one.hand > 0 ? -1 : 1;
  // Two hands of one millisecond: ids count up, but not beyond doubt in the order of raising.
  if (one.hand > 0) return one.hand - other.hand || byId(one, other);
  return byName(one, other);
}

function byName(one: Pick<Place, 'name' | 'id'>, other: Pick<Place, 'name' | 'id'>): number {
  return alphabet.compare(one.name, other.name) || byId(one, other);
}

function byId({ id: one }: Pick<Place, 'id'>, { id: other }: Pick<Place, 'id'>): number {
  return one < other ? -1 : Number(one > other);
}

/** So that somebody who writes "ann" or in full-width letters finds "Ann". */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}

function writeCursor({ hand, name, id }: Place): string {
  return Buffer.from(JSON.stringify([hand, name, id])).toString('base64url');
}

function readCursor(cursor: string): Place {
  if (cursor.length > 2_000) throw invalid('cursor');
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(place) && place.length === 3) {
      const [hand, name, id]: unknown[] = place;
      if (typeof hand === 'number' && hand >= 0 && typeof name === 'string' && typeof id === 'string') return { hand, name, id };
    }
  } catch {
    // Not one of ours, as below.
  }
  throw invalid('cursor');
}

function invalid(field: string): CausewayError {
  return new CausewayError('REQUEST_INVALID', { field, fill: { detail: field } });
}
