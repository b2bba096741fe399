import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clock } from '../clock';
import { usePlayer, usePlayerState } from './player-context';
import styles from './scrubber.module.css';
import { type Thumbnail, thumbnailAt } from './scrubber-data';

export interface Marker {
  readonly id: string;
  readonly atMs: number;
  /** A stretch instead of a moment. */
  readonly toMs?: number;
  /** nothing: of anybody. part: not all that there was. */
  readonly kind: 'chapter' | 'comment' | 'passage' | 'nothing' | 'part';
  readonly label: string;
}

export interface ScrubberProps {
  readonly thumbnails: readonly Thumbnail[];
  readonly waveform: readonly number[] | null;
  readonly markers: readonly Marker[];
  /** Gives the address of a small picture; null while it comes. */
  readonly pictureOf: (thumbnail: Thumbnail | null) => string | null;
}

const smallStepMs = 5_000;
const largeStepMs = 30_000;
/** A pointer that is so close to a marker shows its words. */
const closeRatio = 0.008;

/** The line of time: how loud it was, what happened when, and where one is. */
export function Scrubber({ thumbnails, waveform, markers, pictureOf }: ScrubberProps) {
  const { t } = useTranslation('archive');
  const { player } = usePlayer();
  const atMs = usePlayerState((state) => state.atMs);
  const durationMs = usePlayerState((state) => state.durationMs);
  const beginMs = usePlayerState((state) => state.beginMs);
  const fetchedMs = usePlayerState((state) => state.fetchedMs);
  const line = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<number | null>(null);
  const length = Math.max(durationMs - beginMs, 1);
  const ratioOf = (ms: number): number => Math.min(Math.max((ms - beginMs) / length, 0), 1);
  const percent = (ms: number): string => `${ratioOf(ms) * 100}%`;

  const ratioAt = (event: PointerEvent): number => {
    const box = line.current?.getBoundingClientRect();
    return box && box.width > 0 ? Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) : 0;
  };
  const seekTo = (event: PointerEvent): void => player.seek(beginMs + ratioAt(event) * length);
  const wordsAt = (ratio: number): string | null =>
    (
      markers.find(({ atMs: at }) => Math.abs(ratioOf(at) - ratio) < closeRatio) ??
      markers.find(({ atMs: from, toMs }) => toMs !== undefined && ratioOf(from) <= ratio && ratio <= ratioOf(toMs))
    )?.label ?? null;
  const keyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -smallStepMs,
      ArrowDown: -smallStepMs,
      ArrowRight: smallStepMs,
      ArrowUp: smallStepMs,
      PageDown: -largeStepMs,
      PageUp: largeStepMs,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    player.seek(Number.isFinite(step) ? atMs + step : step < 0 ? beginMs : durationMs);
  };

  const stretch = (marker: Marker) => (
    <span
      key={marker.id}
      className={styles.stretch}
      data-kind={marker.kind}
      style={{ left: percent(marker.atMs), width: `${(ratioOf(marker.toMs ?? 0) - ratioOf(marker.atMs)) * 100}%` }}
    />
  );

  return (
    <div className={styles.scrubber}>
      {hover !== null && (
        <Preview
          ratio={hover}
          atMs={beginMs + hover * length}
          words={wordsAt(hover)}
          picture={pictureOf(thumbnailAt(thumbnails, hover * length))}
        />
      )}
      <div
        ref={line}
        className={styles.line}
        role="slider"
        tabIndex={0}
        aria-label={t('player.position')}
        aria-valuemin={Math.round(beginMs / 1_000)}
        aria-valuemax={Math.round(durationMs / 1_000)}
        aria-valuenow={Math.round(atMs / 1_000)}
        aria-valuetext={t('player.positionOf', { at: clock(atMs), length: clock(durationMs) })}
        onKeyDown={keyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => {
          setHover(ratioAt(event));
          if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
        }}
        onPointerLeave={() => setHover(null)}
      >
        {waveform && <Waveform peaks={waveform} />}
        <div className={styles.rail}>
          <span className={styles.fetched} style={{ width: percent(fetchedMs) }} />
          {markers.filter(({ kind }) => kind === 'passage').map(stretch)}
          <span className={styles.played} style={{ width: percent(atMs) }} />
          {markers.filter(({ kind }) => kind === 'nothing' || kind === 'part').map(stretch)}
          {markers
            .filter(({ toMs }) => toMs === undefined)
            .map((marker) => (
              <span key={marker.id} className={styles.mark} data-kind={marker.kind} style={{ left: percent(marker.atMs) }} />
            ))}
        </div>
        <span className={styles.thumb} style={{ left: percent(atMs) }} />
      </div>
    </div>
  );
}

function Waveform({ peaks }: { readonly peaks: readonly number[] }) {
  const path = peaks.map((peak, at) => `M${at + 0.5} ${20 - Math.max(peak, 0.03) * 20}V20`).join('');
  return (
    <svg className={styles.waveform} viewBox={`0 0 ${peaks.length} 20`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

/** What is there where the pointer is; for those who point, and nobody else. */
function Preview({
  ratio,
  atMs,
  words,
  picture,
}: {
  readonly ratio: number;
  readonly atMs: number;
  readonly words: string | null;
  readonly picture: string | null;
}) {
  return (
    <div className={styles.preview} style={{ left: `clamp(84px, ${ratio * 100}%, calc(100% - 84px))` }} aria-hidden="true">
      {picture !== null && <img src={picture} alt="" />}
      <span className={styles.when}>{clock(atMs)}</span>
      {words !== null && <span className={styles.said}>{words}</span>}
    </div>
  );
}
