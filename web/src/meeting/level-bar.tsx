import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { LevelMeter, useStore } from '@/core';
import styles from './level-bar.module.css';
import { useLocalMedia } from './local-media-context';

/** Moves when one speaks. Drawn without React: sixty times a second nothing but one style changes. */
export function LevelBar() {
  const { t } = useTranslation('meeting');
  const local = useLocalMedia();
  const track = useStore(local, (state) => (state.microphone.on ? state.microphone.track : null));
  const bar = useRef<HTMLDivElement>(null);
  const fill = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!track) return;
    const meter = new LevelMeter(track);
    let shown = 0;
    let frame = requestAnimationFrame(function draw() {
      // Up at once, down slowly: so the eye can follow.
      shown = Math.max(meter.read(), shown * 0.92);
      fill.current?.style.setProperty('--level', shown.toFixed(3));
      bar.current?.setAttribute('aria-valuenow', String(Math.round(shown * 100)));
      frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
      meter.close();
    };
  }, [track]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a native meter can't be drawn sixty times a second without laying the page out.
    <div
      ref={bar}
      className={styles.bar}
      role="meter"
      aria-label={t('check.level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      {track && <div ref={fill} className={styles.fill} />}
    </div>
  );
}
