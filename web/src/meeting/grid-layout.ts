/** Where the tiles of the gallery lie: 16:9, as large as the room allows, the last row in the middle. Pure. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const aspect = 16 / 9;

/** One box for each tile, within a room of this size. */
export function gridLayout(count: number, width: number, height: number, gap: number): readonly Box[] {
  if (count === 0 || width <= 0 || height <= 0) return [];
  let columns = 1;
  let tileWidth = 0;
  for (let tried = 1; tried <= count; tried += 1) {
    const candidate = widestTile(count, tried, width, height, gap);
    // Of equals the one with fewer columns has fewer gaps in its last row.
    if (candidate > tileWidth + 0.5) {
      columns = tried;
      tileWidth = candidate;
    }
  }
  return placeTiles(count, columns, tileWidth, width, height, gap);
}

/** How many tiles a page of the gallery takes, so that faces stay recognisable. */
export function tilesPerPage(width: number, height: number, gap: number, most: number, leastTileWidth: number): number {
  for (let count = most; count > 1; count -= 1) {
    const [first] = gridLayout(count, width, height, gap);
    if (first && first.width >= leastTileWidth) return count;
  }
  return 1;
}

function widestTile(count: number, columns: number, width: number, height: number, gap: number): number {
  const rows = Math.ceil(count / columns);
  const byWidth = (width - gap * (columns - 1)) / columns;
  const byHeight = ((height - gap * (rows - 1)) / rows) * aspect;
  return Math.max(0, Math.min(byWidth, byHeight));
}

function placeTiles(count: number, columns: number, tileWidth: number, width: number, height: number, gap: number): readonly Box[] {
  const rows = Math.ceil(count / columns);
  const tileHeight = tileWidth / aspect;
  const top = (height - rows * tileHeight - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = (width - inRow * tileWidth - (inRow - 1) * gap) / 2;
    return {
      x: Math.round(left + (index - row * columns) * (tileWidth + gap)),
      y: Math.round(top + row * (tileHeight + gap)),
      width: Math.floor(tileWidth),
      height: Math.floor(tileHeight),
    };
  });
}
