import { useTranslation } from 'react-i18next';
import type { RecordingFace } from '@/api';
import { Badge, VisuallyHidden } from '@/design';

/** Why a recording is here for oneself. A dot: one has not opened it yet. */
export function NewsBadges({ recording: { news, toReview } }: { readonly recording: Pick<RecordingFace, 'news' | 'toReview'> }) {
  const { t } = useTranslation('archive');
  const isNew = (kind: (typeof news)[number]['kind']): boolean => news.some((one) => one.kind === kind);
  const fresh = <VisuallyHidden>{t('news.new')}</VisuallyHidden>;
  return (
    <>
      {isNew('shared') && (
        <Badge tone="harbour" dot>
          {fresh}
          {t('news.badge.shared')}
        </Badge>
      )}
      {toReview && (
        <Badge tone="lantern" dot={isNew('review-assigned')}>
          {isNew('review-assigned') && fresh}
          {t('news.badge.toReview')}
        </Badge>
      )}
      {isNew('review-finished') && (
        <Badge tone="harbour" dot>
          {fresh}
          {t('news.badge.reviewed')}
        </Badge>
      )}
    </>
  );
}
