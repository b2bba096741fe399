import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { ScrollText, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, type AuditRow, api, type Verdict } from '@/api';
import { Banner, Button, Card, CopyButton, EmptyState, Field, FourStates, Input, Select } from '@/design';
import { useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import admin from '../admin.module.css';
import { adminKeys, usePeopleOptions } from '../admin-queries';
import { AdminSection } from '../admin-section';
import { BusyRows } from '../busy-rows';
import { endOf, startOf } from '../retention/day-range';
import { actionAreas, wordsOf } from './audit-actions';

const pageSize = '50';

/** Who did what to what. */
export function AuditPage() {
  const { t } = useTranslation(['admin', 'common']);
  const people = usePeopleOptions();
  const [area, setArea] = useState('');
  const [actor, setActor] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const ask = {
    limit: pageSize,
    ...(area !== '' && { action: area }),
    ...(actor !== '' && { actor }),
    ...(from !== '' && { from: startOf(from) ?? '' }),
    ...(to !== '' && { to: endOf(to) ?? '' }),
  };
  const audit = useInfiniteQuery({
    queryKey: [...adminKeys.audit, ask],
    queryFn: ({ pageParam, signal }) => api.admin.audit.list({ ...ask, ...(pageParam !== null && { before: String(pageParam) }) }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
    select: ({ pages }) => pages.flatMap((page) => page.rows),
  });
  const verify = useMutation({ mutationFn: () => api.admin.audit.verify() });
  return (
    <AdminSection
      name="audit"
      actions={
        <Button icon={<ShieldCheck size={18} aria-hidden="true" />} busy={verify.isPending} onClick={() => verify.mutate()}>
          {t('audit.verify')}
        </Button>
      }
    >
      <div role="status" className={admin.status}>
        <FormFailure failure={verify.error instanceof ApiError ? verify.error : null} />
        {verify.data && !verify.isPending && <VerdictBanner verdict={verify.data} />}
      </div>
      <search className={admin.filters} aria-label={t('audit.filter')}>
        <Field label={t('audit.what')}>
          <Select value={area} onChange={(event) => setArea(event.target.value)}>
            <option value="">{t('audit.everything')}</option>
            {actionAreas.map(({ key, ask: value }) => (
              <option key={key} value={value}>
                {t(`audit.area.${key}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t('audit.who')}>
          <Select value={actor} onChange={(event) => setActor(event.target.value)}>
            <option value="">{t('audit.everybody')}</option>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t('field.since')}>
          <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </Field>
        <Field label={t('field.until')}>
          <Input type="date" value={to} onChange={(event) => setTo(event.target.value)} />
        </Field>
      </search>
      <Card flush>
        <FourStates
          answer={audit}
          busy={<BusyRows />}
          isEmpty={(rows) => rows.length === 0}
          empty={<EmptyState icon={<ScrollText size={24} aria-hidden="true" />} title={t('audit.empty')} />}
        >
          {(rows) => (
            <>
              <ol className={admin.bareRows}>
                {rows.map((row) => (
                  <Row key={row.number} row={row} />
                ))}
              </ol>
              {audit.hasNextPage && (
                <div className={admin.more}>
                  <Button busy={audit.isFetchingNextPage} onClick={() => audit.fetchNextPage()}>
                    {t('list.older')}
                  </Button>
                </div>
              )}
            </>
          )}
        </FourStates>
      </Card>
    </AdminSection>
  );
}

function Row({ row }: { readonly row: AuditRow }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const words = wordsOf(row.action);
  const hasMore = Object.keys(row.subject).length + Object.keys(row.detail).length > 0;
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>{words === null ? row.action : t(`audit.action.${words}`)}</p>
        <p className={admin.detail}>
          {row.actor?.name ?? t('audit.server')} · <time dateTime={row.at}>{format.moment(new Date(row.at))}</time>
        </p>
        {hasMore && (
          <details className={admin.details}>
            <summary>{t('audit.details')}</summary>
            <pre className={admin.pre}>{JSON.stringify({ ...row.subject, ...row.detail }, null, 2)}</pre>
          </details>
        )}
      </div>
      <p className={admin.small}>
        <span className={admin.code}>{row.action}</span> #{row.number}
      </p>
    </li>
  );
}

function VerdictBanner({ verdict }: { readonly verdict: Verdict }) {
  const { t } = useTranslation('admin');
  if (verdict.broken) {
    return (
      <Banner tone="wrong" title={t('audit.broken')}>
        {t(`audit.brokenWhat.${verdict.broken.what}`, { number: verdict.broken.number })} {t('audit.brokenDo')}
      </Banner>
    );
  }
  return (
    <Banner
      tone="good"
      title={t('audit.intact', { count: verdict.number })}
      actions={<CopyButton text={`${verdict.number} ${verdict.hash}`} label={t('audit.copyEnd')} />}
    >
      {t('audit.intactWords')}
    </Banner>
  );
}
