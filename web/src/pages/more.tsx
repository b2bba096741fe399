import type { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '@/design';
import styles from './more.module.css';

export interface MoreProps {
  readonly answer: Pick<ReturnType<typeof useInfiniteQuery>, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;
  readonly children: ReactNode;
}

/** Below a list that came in part: the way to the rest of it. */
export function More({ answer, children }: MoreProps) {
  if (!answer.hasNextPage) return null;
  return (
    <div className={styles.more}>
      <Button busy={answer.isFetchingNextPage} onClick={() => answer.fetchNextPage()}>
        {children}
      </Button>
    </div>
  );
}
