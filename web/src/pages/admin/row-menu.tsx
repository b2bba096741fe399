import { Ellipsis } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton, Menu, MenuContent, MenuTrigger } from '@/design';

/** What can be done with one row of a list. */
export function RowMenu({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  const { t } = useTranslation('admin');
  return (
    <Menu>
      <MenuTrigger>
        <IconButton label={t('list.actionsFor', { name })} icon={<Ellipsis size={20} aria-hidden="true" />} />
      </MenuTrigger>
      <MenuContent>{children}</MenuContent>
    </Menu>
  );
}
