import { describe, expect, it } from 'vitest';
import { type Box, gridLayout, tilesPerPage } from '../../../../web/src/meeting/grid-layout';

const rooms = [
  [1440, 800],
  [1024, 768],
  [360, 560],
  [800, 300],
] as const;
const counts = Array.from({ length: 25 }, (_, i) => i + 1);

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe('the grid of the gallery', () => {
  it('keeps every tile 16:9 and inside the room', () => {
    for (const [width, height] of rooms) {
      for (const count of counts) {
        for (const box of gridLayout(count, width, height, 8)) {
          expect(Math.abs(box.width / box.height - 16 / 9)).toBeLessThan(0.06);
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.y).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(width + 1);
          expect(box.y + box.height).toBeLessThanOrEqual(height + 1);
        }
      }
    }
  });

  it('never lays one tile over another', () => {
    for (const [width, height] of rooms) {
      for (const count of counts) {
        const boxes = gridLayout(count, width, height, 8);
        expect(boxes).toHaveLength(count);
        boxes.forEach((a, i) => {
          for (const b of boxes.slice(i + 1)) expect(overlap(a, b)).toBe(false);
        });
      }
    }
  });

  it('puts two side by side on a wide screen and one over the other on a phone', () => {
    const wide = gridLayout(2, 1440, 700, 8);
    expect(wide[0]?.y).toBe(wide[1]?.y);
    const phone = gridLayout(2, 360, 560, 8);
    expect(phone[0]?.x).toBe(phone[1]?.x);
  });

  it('centres the last row', () => {
    const boxes = gridLayout(5, 1440, 800, 8);
    const last = boxes.slice(3);
    const left = last[0]!.x;
    const right = 1440 - (last[1]!.x + last[1]!.width);
    expect(Math.abs(left - right)).toBeLessThanOrEqual(2);
  });

  it('takes the columns that give the largest tiles', () => {
    const [first] = gridLayout(9, 1600, 900, 0);
    expect(first?.width).toBe(533);
  });

  it('shows nothing in no room', () => {
    expect(gridLayout(3, 0, 0, 8)).toEqual([]);
  });

  it('takes fewer tiles a page on a phone', () => {
    expect(tilesPerPage(1440, 800, 8, 25, 200)).toBe(25);
    const onPhone = tilesPerPage(344, 520, 8, 25, 150);
    expect(onPhone).toBeGreaterThan(3);
    expect(onPhone).toBeLessThan(13);
  });
});
