import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/design';
import styles from './side-panel.module.css';

/** At the right of a conversation; where there is no room for both, in its place. */
export function SidePanel({
  title,
  onClose,
  takesFocus = true,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly takesFocus?: boolean;
  readonly children: ReactNode;
}) {
  const { t } = useTranslation();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) panel.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  return (
    <aside ref={panel} className={styles.panel} aria-label={title} tabIndex={-1}>
      <header className={styles.header}>
        <h2 className={styles.title}>{title}</h2>
        <IconButton label={t('action.close')} icon={<X size={20} aria-hidden="true" />} onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
