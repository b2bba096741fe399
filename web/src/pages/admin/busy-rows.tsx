import { Skeleton, SkeletonGroup } from '@/design';
import styles from './admin.module.css';

/** The shape of a list that comes. */
export function BusyRows() {
  return (
    <SkeletonGroup>
      {[42, 34, 48].map((width) => (
        <div key={width} className={styles.busyRow}>
          <Skeleton width={`${width}%`} />
          <Skeleton width={`${width + 20}%`} />
        </div>
      ))}
    </SkeletonGroup>
  );
}
