import styles from './captions.module.css';
import { usePlayerState } from './player-context';

export interface CaptionLine {
  readonly id: string;
  readonly speaker: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly language: string;
  readonly text: string;
}

/** A line stays a little, so that short ones can be read. */
const lingerMs = 1_500;
const shownAtMost = 2;

export function linesAt<Line extends Pick<CaptionLine, 'beginMs' | 'endMs'>>(lines: readonly Line[], atMs: number): Line[] {
  return lines.filter(({ beginMs, endMs }) => beginMs <= atMs && atMs < Math.max(endMs, beginMs + 500) + lingerMs).slice(-shownAtMost);
}

/** What is being said, over the picture. The transcript beside it is what screen readers read. */
export function Captions({ lines }: { readonly lines: readonly CaptionLine[] }) {
  // By their names: it is drawn anew when a line comes or goes, not with every tick.
  const shown = usePlayerState((state) =>
    linesAt(lines, state.atMs)
      .map(({ id }) => id)
      .join(' '),
  );
  if (shown === '') return null;
  const ids = new Set(shown.split(' '));
  return (
    <div className={styles.captions} aria-hidden="true">
      {lines
        .filter(({ id }) => ids.has(id))
        .map(({ id, speaker, language, text }) => (
          <p key={id} className={styles.line} lang={language}>
            <span className={styles.speaker}>{speaker}</span> {text}
          </p>
        ))}
    </div>
  );
}
