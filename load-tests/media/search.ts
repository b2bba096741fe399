/** Finds the largest number that works, where a number works if all smaller ones do. */

export interface SearchOptions {
  readonly start: number;
  readonly most: number;
  /** Ends when the answer is known within this share of itself. */
  readonly within: number;
  readonly works: (count: number) => Promise<boolean>;
}

const growth = 1.25;

/** 0: not even one. */
export async function largestThatWorks({ start, most, within, works }: SearchOptions): Promise<number> {
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  let next = Math.min(start, most);
  for (;;) {
    if (await works(next)) good = next;
    else bad = next;
    if (good >= most || bad <= 1) return good;
    if (Number.isFinite(bad)) {
      if (bad - good <= Math.max(1, within * good)) return good;
      next = Math.floor((good + bad) / 2);
    } else {
      next = Math.min(most, Math.ceil(good * growth));
    }
  }
}
