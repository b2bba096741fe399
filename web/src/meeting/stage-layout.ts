/** Boxes for a plan of the stage: the gallery in pages, or large pictures with a strip. Pure. */
import { type Box, gridLayout, tilesPerPage } from './grid-layout';
import type { Shown, StagePlan } from './stage-plan';

export interface Placed {
  readonly shown: Shown;
  readonly box: Box;
  readonly large: boolean;
}

export interface StageLayout {
  readonly placed: readonly Placed[];
  readonly page: number;
  readonly pages: number;
  /** Tiles that a page takes. */
  readonly perPage: number;
  /** Where the arrows stand, when there is more than one page. */
  readonly pager: Box;
}

const gap = 8;
const mostOnPage = 49;
/** Room for the arrows when there is more than one page. */
const pagerHeight = 48;
const aspect = 16 / 9;

export function layoutStage(plan: StagePlan, width: number, height: number, wantedPage: number): StageLayout {
  if (width <= 0 || height <= 0) return { placed: [], page: 0, pages: 1, perPage: 1, pager: pagerBelow(width, height) };
  return plan.focus.length > 0
    ? focusLayout(plan.focus, plan.others, width, height, wantedPage)
    : galleryLayout(plan.others, width, height, wantedPage);
}

function galleryLayout(people: readonly Shown[], width: number, height: number, wantedPage: number): StageLayout {
  const leastTileWidth = width < 600 ? 150 : 168;
  let perPage = Math.min(people.length, tilesPerPage(width, height, gap, Math.min(mostOnPage, Math.max(1, people.length)), leastTileWidth));
  const isPaged = perPage < people.length;
  const room = isPaged ? height - pagerHeight : height;
  if (isPaged) perPage = tilesPerPage(width, room, gap, mostOnPage, leastTileWidth);
  const { page, pages, part } = pageOf(people, perPage, wantedPage);
  // Every page has the size of a full one, so that tiles keep their size while one turns pages.
  const boxes = gridLayout(isPaged ? perPage : part.length, width, room, gap);
  return { placed: place(part, boxes, false), page, pages, perPage, pager: pagerBelow(width, height) };
}

function focusLayout(focus: readonly Shown[], others: readonly Shown[], width: number, height: number, wantedPage: number): StageLayout {
  if (others.length === 0) {
    const placed = placeLarge(focus, { x: 0, y: 0, width, height });
    return { placed, page: 0, pages: 1, perPage: 1, pager: pagerBelow(width, height) };
  }
  const isBeside = fitsBetterBeside(width, height);
  const tileWidth = stripTileWidth(width, isBeside);
  const tileHeight = Math.round(tileWidth / aspect);
  const along = isBeside ? height : width;
  const step = (isBeside ? tileHeight : tileWidth) + gap;
  let fits = Math.max(1, Math.floor((along + gap) / step));
  if (fits < others.length && isBeside) fits = Math.max(1, Math.floor((along - pagerHeight + gap) / step));
  const { page, pages, part } = pageOf(others, fits, wantedPage);
  const reserved = !isBeside && pages > 1 ? pagerHeight : 0;
  const large: Box = isBeside
    ? { x: 0, y: 0, width: width - tileWidth - gap, height }
    : { x: 0, y: 0, width, height: height - tileHeight - gap - reserved };
  const stripLength = part.length * step - gap;
  const start = isBeside ? 0 : Math.max(0, Math.round((width - stripLength) / 2));
  const boxes = part.map((_, index): Box => {
    const offset = start + index * step;
    return isBeside
      ? { x: width - tileWidth, y: offset, width: tileWidth, height: tileHeight }
      : { x: offset, y: height - tileHeight - reserved, width: tileWidth, height: tileHeight };
  });
  const pager = isBeside ? { ...pagerBelow(width, height), x: width - tileWidth, width: tileWidth } : pagerBelow(width, height);
  return { placed: [...placeLarge(focus, large), ...place(part, boxes, false)], page, pages, perPage: fits, pager };
}

function pagerBelow(width: number, height: number): Box {
  return { x: 0, y: height - pagerHeight, width, height: pagerHeight };
}

/** Where a 16:9 picture becomes larger: with the strip at its right, or below it. */
function fitsBetterBeside(width: number, height: number): boolean {
  const beside = Math.min(width - stripTileWidth(width, true) - gap, height * aspect);
  const above = Math.min(width, (height - stripTileWidth(width, false) / aspect - gap) * aspect);
  return beside >= above;
}

function stripTileWidth(width: number, isBeside: boolean): number {
  return isBeside ? clamp(Math.round(width * 0.17), 140, 256) : clamp(Math.round(width * 0.28), 104, 200);
}

/** One has all of the room, whatever its shape; several share it as a gallery does. */
function placeLarge(focus: readonly Shown[], { x, y, width, height }: Box): Placed[] {
  const boxes = focus.length === 1 ? [{ x: 0, y: 0, width, height }] : gridLayout(focus.length, width, height, gap);
  return place(
    focus,
    boxes.map((box) => ({ ...box, x: x + box.x, y: y + box.y })),
    true,
  );
}

function place(part: readonly Shown[], boxes: readonly Box[], large: boolean): Placed[] {
  return part.flatMap((shown, index) => {
    const box = boxes[index];
    return box ? [{ shown, box, large }] : [];
  });
}

function pageOf(people: readonly Shown[], perPage: number, wanted: number): { page: number; pages: number; part: readonly Shown[] } {
  const pages = Math.max(1, Math.ceil(people.length / Math.max(1, perPage)));
  const page = clamp(wanted, 0, pages - 1);
  return { page, pages, part: people.slice(page * perPage, (page + 1) * perPage) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
