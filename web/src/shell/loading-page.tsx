import { Spinner } from '@/design';
import styles from './loading-page.module.css';

/** While the first page's own files come; shows nothing when they come at once. */
export function LoadingPage() {
  return (
    <div className={styles.page}>
      <Spinner size={28} />
    </div>
  );
}
