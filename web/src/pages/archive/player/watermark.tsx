import { useEffect, useState } from 'react';
import styles from './watermark.module.css';

/** Places that it goes through; the middle of the picture is among them, so that cutting off an edge doesn't take it away. */
const places = [
  [6, 8],
  [52, 18],
  [24, 44],
  [58, 66],
  [8, 74],
  [40, 30],
] as const;
const stayMs = 8_000;

/** Who watches, and when, over the picture. The server puts it into what is downloaded; here it tells on a camera before the screen. */
export function Watermark({ text }: { readonly text: string }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), stayMs);
    return () => clearInterval(timer);
  }, []);
  const turn = Math.floor(now.getTime() / stayMs);
  const first = places[turn % places.length] ?? places[0];
  const second = places[(turn + 3) % places.length] ?? places[0];
  const stamp = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}:${two(now.getMinutes())}`;
  return (
    <div className={styles.layer} aria-hidden="true">
      {[first, second].map(([left, top], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two that move, and are the same two.
        <p key={at} className={styles.mark} style={{ left: `${left}%`, top: `${top}%` }}>
          {text}
          <br />
          {stamp}
        </p>
      ))}
    </div>
  );
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
