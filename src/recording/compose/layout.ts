/**
 * What the picture of a recording shows when: a timeline of scenes, each with its tiles. A shared screen
 * is large, with a column of people beside it; up to nine people are a gallery; of more, whoever has the
 * floor is large. Nothing here knows of files or FFmpeg.
 */
import { contains } from './spans.js';
import type { Turn } from './speakers.js';
import type { Span } from './track-scan.js';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly trackId: string;
  readonly spans: readonly Span[];
}

export interface StagePerson {
  readonly id: string;
  readonly name: string;
  /** Recorded, whether heard or seen or not. */
  readonly present: readonly Span[];
  readonly speaking: readonly Span[];
  readonly cameras: readonly Picture[];
  readonly screens: readonly Picture[];
}

export interface Tile {
  readonly personId: string;
  readonly name: string;
  readonly isScreen: boolean;
  readonly isSpeaking: boolean;
  /** Null: a card with the name. */
  readonly trackId: string | null;
  readonly place: Rectangle;
}

export interface Scene extends Span {
  readonly kind: 'stage' | 'empty' | 'paused' | 'redacted';
  readonly tiles: readonly Tile[];
}

export interface Stage {
  readonly durationMs: number;
  readonly height: number;
  readonly people: readonly StagePerson[];
  readonly turns: readonly Turn[];
  readonly pauses: readonly Span[];
  readonly redactions: readonly Span[];
}

export const framesPerSecond = 25;
const frameMs = 1_000 / framesPerSecond;
const galleryAtMost = 9;
const besideScreen = 4;
const besideSpeaker = 5;

export function widthOf(height: number): number {
  return (height / 9) * 16;
}

/** Scenes from 0 to the end, without a gap, on the borders of frames; neighbours differ. */
export function layOut(stage: Stage): Scene[] {
  const scenes: Scene[] = [];
  const borders = bordersOf(stage);
  let shown: readonly string[] = [];
  for (const [index, from] of borders.entries()) {
    const to = borders[index + 1];
    if (to === undefined) break;
    const { scene, order } = sceneAt(stage, from, to, shown);
    shown = order;
    const before = scenes.at(-1);
    if (before && sameScene(before, scene)) scenes[scenes.length - 1] = { ...before, to };
    else scenes.push(scene);
  }
  return scenes;
}

/** Every time at which anything changes. */
function bordersOf({ durationMs, people, turns, pauses, redactions }: Stage): number[] {
  const spans = [
    ...pauses,
    ...redactions,
    ...turns,
    ...people.flatMap(({ present, speaking, cameras, screens }) => [
      ...present,
      ...speaking,
      ...cameras.flatMap((camera) => camera.spans),
      ...screens.flatMap((screen) => screen.spans),
    ]),
  ];
  const end = Math.max(frameMs, Math.ceil(durationMs / frameMs) * frameMs);
  const times = new Set([0, end]);
  for (const { from, to } of spans) {
    for (const time of [from, to]) {
      const onFrame = Math.round(time / frameMs) * frameMs;
      if (onFrame > 0 && onFrame < end) times.add(onFrame);
    }
  }
  return [...times].sort((a, b) => a - b);
}

function sceneAt(stage: Stage, from: number, to: number, shown: readonly string[]): { scene: Scene; order: readonly string[] } {
  const middle = (from + to) / 2;
  const card = (kind: Scene['kind']) => ({ scene: { from, to, kind, tiles: [] }, order: shown });
  // First: what is redacted shows nothing of what else was.
  if (contains(stage.redactions, middle)) return card('redacted');
  if (contains(stage.pauses, middle)) return card('paused');
  const people = stage.people.filter(({ present, cameras, screens }) =>
    [present, ...cameras.map(({ spans }) => spans), ...screens.map(({ spans }) => spans)].some((spans) => contains(spans, middle)),
  );
  if (people.length === 0) return card('empty');
  const screen = latestScreen(people, middle);
  const room = screen ? besideScreen : people.length <= galleryAtMost ? galleryAtMost : besideSpeaker + 1;
  const order = choose(stage, people, room, middle, shown);
  const tiles = arrange(stage, people, order, screen, middle);
  return { scene: { from, to, kind: 'stage', tiles }, order };
}

/** Of several screens the one that was begun last is shown. */
function latestScreen(people: readonly StagePerson[], at: number): { person: StagePerson; trackId: string } | null {
  let latest: { person: StagePerson; trackId: string; since: number } | null = null;
  for (const person of people) {
    for (const { trackId, spans } of person.screens) {
      const since = spans.find((span) => span.from <= at && at < span.to)?.from;
      if (since !== undefined && (!latest || since >= latest.since)) latest = { person, trackId, since };
    }
  }
  return latest;
}

/** Whoever has the floor, then who is seen, then who spoke last, then who came first. Those who stay keep their places. */
function choose(stage: Stage, people: readonly StagePerson[], room: number, at: number, shown: readonly string[]): string[] {
  const spoke = new Map<string, number>();
  for (const { id, from } of stage.turns) if (from <= at) spoke.set(id, from);
  const floor = floorAt(stage.turns, at);
  const rank = (person: StagePerson): number => (person.id === floor ? 2 : 0) + (cameraAt(person, at) ? 1 : 0);
  const best = [...people].sort(
    (a, b) =>
      rank(b) - rank(a) ||
      (spoke.get(b.id) ?? -1) - (spoke.get(a.id) ?? -1) ||
      (a.present[0]?.from ?? 0) - (b.present[0]?.from ?? 0) ||
      (a.id < b.id ? -1 : 1),
  );
  const chosen = best.slice(0, room).map(({ id }) => id);
  const stay = shown.filter((id) => chosen.includes(id));
  const come = chosen.filter((id) => !shown.includes(id));
  // Who comes takes the place of who goes.
  const order: string[] = [];
  for (const id of shown) {
    const next = stay.includes(id) ? id : come.shift();
    if (next !== undefined) order.push(next);
  }
  return [...order, ...come];
}

function floorAt(turns: readonly Turn[], at: number): string | null {
  return turns.findLast(({ from }) => from <= at)?.id ?? null;
}

function cameraAt({ cameras }: StagePerson, at: number): string | null {
  return cameras.findLast(({ spans }) => contains(spans, at))?.trackId ?? null;
}

function arrange(
  stage: Stage,
  people: readonly StagePerson[],
  order: readonly string[],
  screen: { person: StagePerson; trackId: string } | null,
  at: number,
): Tile[] {
  const tile = (person: StagePerson, place: Rectangle): Tile => ({
    personId: person.id,
    name: person.name,
    isScreen: false,
    isSpeaking: contains(person.speaking, at),
    trackId: cameraAt(person, at),
    place,
  });
  const byId = new Map(people.map((person) => [person.id, person]));
  const ordered = order.flatMap((id) => byId.get(id) ?? []);
  const { height } = stage;
  if (screen) {
    const { person, trackId } = screen;
    const { large, small } = largeAndColumn(height, ordered.length);
    const shared = { personId: person.id, name: person.name, isScreen: true, isSpeaking: false, trackId, place: large };
    return [shared, ...ordered.flatMap((other, index) => (small[index] ? [tile(other, small[index])] : []))];
  }
  if (people.length <= galleryAtMost) {
    const places = gallery(height, ordered.length);
    return ordered.flatMap((person, index) => (places[index] ? [tile(person, places[index])] : []));
  }
  const floor = byId.get(floorAt(stage.turns, at) ?? '') ?? ordered[0];
  const others = ordered.filter((person) => person !== floor).slice(0, besideSpeaker);
  const { large, small } = largeAndColumn(height, others.length);
  return [...(floor ? [tile(floor, large)] : []), ...others.flatMap((person, index) => (small[index] ? [tile(person, small[index])] : []))];
}

/** Tiles of 16 to 9 in rows, as large as they fit, the last row in the middle. */
export function gallery(height: number, count: number): Rectangle[] {
  const gap = gapOf(height);
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const fits = Math.min((widthOf(height) - gap * (columns + 1)) / columns, (((height - gap * (rows + 1)) / rows) * 16) / 9);
  const tile = { width: even(fits), height: even((fits / 16) * 9) };
  const top = even((height - rows * tile.height - (rows - 1) * gap) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = even((widthOf(height) - inRow * tile.width - (inRow - 1) * gap) / 2);
    return { x: left + (index % columns) * (tile.width + gap), y: top + row * (tile.height + gap), ...tile };
  });
}

/** One large place, and a column of small ones at the right. */
export function largeAndColumn(height: number, count: number): { large: Rectangle; small: Rectangle[] } {
  const gap = gapOf(height);
  const width = widthOf(height);
  if (count === 0) return { large: { x: gap, y: gap, width: width - 2 * gap, height: height - 2 * gap }, small: [] };
  const small = { width: even(width * 0.18), height: even(((width * 0.18) / 16) * 9) };
  const top = even((height - count * small.height - (count - 1) * gap) / 2);
  return {
    large: { x: gap, y: gap, width: width - small.width - 3 * gap, height: height - 2 * gap },
    small: Array.from({ length: count }, (_, index) => ({ x: width - small.width - gap, y: top + index * (small.height + gap), ...small })),
  };
}

function gapOf(height: number): number {
  return even(height / 90);
}

/** Colour is stored for two by two pixels. */
function even(value: number): number {
  return Math.floor(value / 2) * 2;
}

function sameScene(a: Scene, b: Scene): boolean {
  return a.kind === b.kind && JSON.stringify(a.tiles) === JSON.stringify(b.tiles);
}
