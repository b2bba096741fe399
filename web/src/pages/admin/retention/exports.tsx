import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Export } from '@/api';
import { fileSize } from '@/chat/file-size';
import { Badge, type BadgeTone, Button, ConfirmDialog, CopyButton, MenuItem, useToast } from '@/design';
import { localeOf, useFormat } from '@/i18n';
import { saveBlob } from '@/pages/meeting-details/save-file';
import admin from '../admin.module.css';
import { adminKeys, useDomainOptions } from '../admin-queries';
import { ListCard } from '../list-card';
import { RowMenu } from '../row-menu';
import { useAct } from '../use-act';
import { ExportDialog } from './export-dialog';

const everyMs = 2_000;
const tones: Readonly<Record<Export['status'], BadgeTone>> = { waiting: 'plain', running: 'harbour', done: 'jade', failed: 'live' };

export function Exports() {
  const { t } = useTranslation('admin');
  const exports = useQuery({
    queryKey: adminKeys.exports,
    queryFn: ({ signal }) => api.admin.exports.list(signal),
    refetchInterval: ({ state }) => (state.data?.exports.some(isUnderWay) ? everyMs : false),
  });
  const [making, setMaking] = useState(false);
  return (
    <>
      <ListCard
        title={t('exports.title')}
        description={t('exports.words')}
        add={t('exports.new')}
        icon={<FileArchive size={18} aria-hidden="true" />}
        onAdd={() => setMaking(true)}
        answer={exports}
        itemsOf={({ exports: list }) => list}
        empty={t('exports.empty')}
      >
        {(list) => (
          <ul className={admin.rows}>
            {list.map((one) => (
              <Row key={one.id} one={one} />
            ))}
          </ul>
        )}
      </ListCard>
      {making && <ExportDialog onClose={() => setMaking(false)} />}
    </>
  );
}

function Row({ one }: { readonly one: Export }) {
  const { t, i18n } = useTranslation('admin');
  const format = useFormat();
  const toast = useToast();
  const domains = useDomainOptions();
  const [asking, setAsking] = useState(false);
  const remove = useAct(() => api.admin.exports.remove(one.id), {
    refresh: adminKeys.exports,
    done: t('exports.deleted'),
    onDone: () => setAsking(false),
  });
  const download = useMutation({
    mutationFn: () => api.admin.exports.file(one.id),
    onSuccess: (blob) => saveBlob(`causeway-export-${one.id}.zip`, blob),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
  });
  const { scope } = one;
  const name = scope.domainId
    ? t('exports.ofDomain', { name: domains.find(({ id }) => id === scope.domainId)?.name ?? '' })
    : scope.personIds
      ? t('exports.ofPeople', { count: scope.personIds.length })
      : scope.conversationIds
        ? t('exports.ofConversations', { count: scope.conversationIds.length })
        : t(one.kind === 'backup' ? 'backup.title' : 'exports.ofEverything');
  const done = one.total === 0 ? 0 : one.done / one.total;
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {name} <Badge tone={tones[one.status]}>{t(`exports.status.${one.status}`)}</Badge>
        </p>
        <p className={admin.detail}>
          {t('exports.messages', { count: one.messages })} · {one.format === 'json' ? 'JSON' : 'HTML'}
          {one.size !== null && ` · ${fileSize(one.size, localeOf(i18n.language))}`}
        </p>
        <p className={admin.small}>
          {t('exports.madeBy', { name: one.madeBy, time: format.moment(new Date(one.createdAt)), reason: one.reason })}
          {one.expiresAt && ` · ${t('exports.expires', { time: format.moment(new Date(one.expiresAt)) })}`}
        </p>
        {isUnderWay(one) && (
          <div
            className={admin.bar}
            role="progressbar"
            aria-label={name}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(done * 100)}
          >
            <span style={{ width: `${done * 100}%` }} />
          </div>
        )}
        {one.sha256 && <p className={`${admin.small} ${admin.code}`}>SHA-256 {one.sha256}</p>}
        {one.error && <p className={admin.small}>{one.error}</p>}
      </div>
      <div className={admin.actions}>
        {one.sha256 && <CopyButton text={one.sha256} label={t('exports.copyHash')} iconOnly />}
        {one.status === 'done' && (
          <Button icon={<Download size={18} aria-hidden="true" />} busy={download.isPending} onClick={() => download.mutate()}>
            {t('exports.download')}
          </Button>
        )}
        <RowMenu name={name}>
          <MenuItem danger onSelect={() => setAsking(true)}>
            {t('list.delete')}
          </MenuItem>
        </RowMenu>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('exports.deleteTitle')}
        description={t('exports.deleteWords')}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </li>
  );
}

function isUnderWay({ status }: Export): boolean {
  return status === 'waiting' || status === 'running';
}
