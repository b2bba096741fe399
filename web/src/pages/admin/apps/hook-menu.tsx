import type { QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog, MenuItem } from '@/design';
import { RowMenu } from '../row-menu';
import { useAct } from '../use-act';

export interface HookMenuProps<Made> {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly calls: {
    readonly rotate: (id: string) => Promise<Made>;
    readonly change: (id: string, patch: { disabled: boolean }) => Promise<unknown>;
    readonly remove: (id: string) => Promise<unknown>;
  };
  readonly refresh: QueryKey;
  readonly rotate: { readonly title: string; readonly words: string };
  readonly deleteWords: string;
  /** Without it there is nothing to change. */
  readonly onEdit?: () => void;
  /** The new secret, which is shown this once. */
  readonly onMade: (made: Made) => void;
}

/** What can be done with something that has a secret of its own: a webhook, a command. */
export function HookMenu<Made>({ id, name, disabled, calls, refresh, rotate, deleteWords, onEdit, onMade }: HookMenuProps<Made>) {
  const { t } = useTranslation('admin');
  const [asking, setAsking] = useState<'rotate' | 'delete' | null>(null);
  const close = (): void => setAsking(null);
  const renew = useAct(() => calls.rotate(id), {
    refresh,
    onDone: (made) => {
      close();
      onMade(made);
    },
  });
  const turn = useAct(() => calls.change(id, { disabled: !disabled }), { refresh, done: t('list.saved') });
  const remove = useAct(() => calls.remove(id), { refresh, done: t('list.deleted'), onDone: close });
  return (
    <>
      <RowMenu name={name}>
        {onEdit && <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>}
        <MenuItem onSelect={() => setAsking('rotate')}>{rotate.title}</MenuItem>
        <MenuItem onSelect={() => turn.run(undefined)}>{t(disabled ? 'list.enable' : 'list.disable')}</MenuItem>
        <MenuItem danger onSelect={() => setAsking('delete')}>
          {t('list.delete')}
        </MenuItem>
      </RowMenu>
      <ConfirmDialog
        open={asking === 'rotate'}
        onOpenChange={(open) => !open && close()}
        title={rotate.title}
        description={rotate.words}
        action={rotate.title}
        busy={renew.busy}
        onConfirm={() => renew.run(undefined)}
      />
      <ConfirmDialog
        open={asking === 'delete'}
        onOpenChange={(open) => !open && close()}
        title={t('list.deleteTitle', { name })}
        description={deleteWords}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </>
  );
}
