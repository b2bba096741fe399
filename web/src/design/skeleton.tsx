import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from './cx';
import styles from './skeleton.module.css';
import { VisuallyHidden } from './visually-hidden';

export interface SkeletonProps {
  readonly width?: CSSProperties['width'];
  readonly height?: CSSProperties['height'];
  readonly shape?: 'line' | 'block' | 'circle' | undefined;
  readonly className?: string | undefined;
}

/** A piece of what is coming, in its shape. */
export function Skeleton({ width, height, shape = 'line', className }: SkeletonProps) {
  return <span className={cx(styles.skeleton, styles[shape], className)} style={{ width, height }} aria-hidden="true" />;
}

/** Around the skeletons of one place: says once that it is loading. */
export function SkeletonGroup({ className, children }: { className?: string | undefined; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={className} role="status">
      <VisuallyHidden>{t('state.loading')}</VisuallyHidden>
      {children}
    </div>
  );
}
