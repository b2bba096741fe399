import { useMutation } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ApiError, api, type DlpRuleInput, type DlpTest } from '@/api';
import { Badge, Banner, Button } from '@/design';
import { useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import styles from './dlp.module.css';
import { looksForSomething } from './rule-draft';

/** What the rule would have found in what was written in the last thirty days, with most of each match hidden. */
export function RuleHistory({ rule }: { readonly rule: () => DlpRuleInput }) {
  const { t } = useTranslation('admin');
  const test = useMutation({ mutationFn: (body: DlpRuleInput) => api.admin.dlp.test({ rule: body }) });
  const start = (): void => {
    const input = rule();
    // A rule that has no name yet can be tried all the same.
    if (looksForSomething(input)) test.mutate({ ...input, name: input.name || '-', minimum: input.minimum || 1 });
    else test.reset();
  };
  return (
    <div className={styles.result}>
      <div>
        <Button icon={<History size={18} aria-hidden="true" />} busy={test.isPending} onClick={start}>
          {t('dlp.try')}
        </Button>
      </div>
      <FormFailure failure={test.error instanceof ApiError ? test.error : null} />
      <div role="status">{test.data && !test.isPending && <Result test={test.data} />}</div>
    </div>
  );
}

function Result({ test }: { readonly test: DlpTest }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <div className={styles.result}>
      <Banner
        tone={test.matched === 0 ? 'good' : 'info'}
        title={t('dlp.tryResult', { matched: format.number(test.matched), count: test.read })}
      >
        {test.complete
          ? t('dlp.tryComplete')
          : t('dlp.tryPartly', { time: test.until === null ? '' : format.moment(new Date(test.until)) })}
      </Banner>
      {test.found.length > 0 && (
        <div className={styles.counts}>
          {test.found.map(({ detector, what, count }) => (
            <Badge key={`${detector} ${what}`} tone="lantern">
              {what} × {format.number(count)}
            </Badge>
          ))}
        </div>
      )}
      {test.messages.length > 0 && (
        <ul className={styles.hits} aria-label={t('dlp.tryHits')}>
          {test.messages.map((message) => (
            <li key={`${message.conversationId} ${message.number}`} className={styles.hit}>
              <p>
                {message.sender.name} · {message.conversation || t('conversation.direct')} · {format.moment(new Date(message.sentAt))}
              </p>
              {message.found.map(({ detector, what, excerpt }) => (
                <p key={`${detector} ${what}`}>
                  {what}: <span className={styles.excerpt}>{excerpt}</span>
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
