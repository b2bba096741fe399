import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

export interface RowWindow<List extends HTMLElement> {
  readonly list: RefObject<List | null>;
  /** Rows from `from` to before `to` are to be drawn. */
  readonly from: number;
  readonly to: number;
}

/** So that a quick scroll, and the next Tab, find rows that are there. */
const beyond = 8;

/** Of a long list of rows of one height only those in view are drawn. The list scrolls with the nearest element that does. */
export function useWindow<List extends HTMLElement>(count: number, rowHeight: number): RowWindow<List> {
  const list = useRef<List>(null);
  const [seen, setSeen] = useState({ from: 0, to: 24 });
  useLayoutEffect(() => {
    const element = list.current;
    const scroller = element && scrollerOf(element);
    if (!element || !scroller) return;
    const look = (): void => {
      const above = scroller.getBoundingClientRect().top - element.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor(above / rowHeight) - beyond);
      const to = Math.max(0, Math.ceil((above + scroller.clientHeight) / rowHeight) + beyond);
      setSeen((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(scroller);
    // What stands above the list may grow, and move it.
    for (const part of scroller.children) sizes.observe(part);
    scroller.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      scroller.removeEventListener('scroll', look);
    };
  }, [rowHeight]);
  return { list, from: Math.min(seen.from, count), to: Math.min(seen.to, count) };
}

function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    const { overflowY } = getComputedStyle(parent);
    if (overflowY === 'auto' || overflowY === 'scroll') return parent;
  }
  return null;
}
