import { CloudOff, LockKeyhole } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from './banner';
import { Button } from './button';
import { EmptyState } from './empty-state';

/** What a query of TanStack Query is, as far as it is needed here. */
export interface Answer<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly refetch: () => unknown;
}

export interface FourStatesProps<Data> {
  readonly answer: Answer<Data>;
  /** Skeletons in the shape of what comes. */
  readonly busy: ReactNode;
  readonly isEmpty?: ((data: Data) => boolean) | undefined;
  /** What this place is for, and the first action. */
  readonly empty?: ReactNode;
  /** Who can grant access. Without it the error's own sentence stands there. */
  readonly forbidden?: ReactNode;
  readonly children: (data: Data) => ReactNode;
}

/** Busy, wrong, forbidden, empty, or there: every place that shows something fetched has all of them. */
export function FourStates<Data>({ answer, busy, isEmpty, empty, forbidden, children }: FourStatesProps<Data>) {
  const { t } = useTranslation();
  const { data, error, isFetching, refetch } = answer;
  const again = (
    <Button busy={isFetching} onClick={() => refetch()}>
      {t('action.tryAgain')}
    </Button>
  );
  if (data !== undefined) {
    return (
      <>
        {error && (
          <Banner tone="attention" title={t('state.stale')} announce="status" actions={again}>
            {error.message}
          </Banner>
        )}
        {isEmpty?.(data) ? empty : children(data)}
      </>
    );
  }
  if (!error) return busy;
  const code = codeOf(error);
  if (isForbidden(code)) {
    return (
      forbidden ?? (
        <EmptyState icon={<LockKeyhole size={24} aria-hidden="true" />} title={t('state.forbidden')} code={code}>
          {error.message}
        </EmptyState>
      )
    );
  }
  return (
    <EmptyState
      tone="wrong"
      icon={<CloudOff size={24} aria-hidden="true" />}
      title={t('state.wrong')}
      action={again}
      code={code}
      announce="alert"
    >
      {error.message}
    </EmptyState>
  );
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isForbidden(code: string | undefined): boolean {
  return code?.endsWith('_FORBIDDEN') ?? false;
}
