import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { cx, IconButton } from '@/design';
import styles from './side-panel.module.css';

export interface SidePanelProps {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Beside the stage; on a phone a sheet over it. */
export function SidePanel({ title, closeLabel, onClose, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  // What had the focus before anything in here takes it: a child's effects run before these.
  const [before] = useState(() => document.activeElement);
  useEffect(() => {
    if (!panel.current?.contains(document.activeElement)) panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [before]);
  return (
    <>
      <button type="button" className={styles.scrim} aria-hidden="true" tabIndex={-1} onClick={onClose} />
      <aside ref={panel} className={cx(styles.panel)} aria-label={title} tabIndex={-1}>
        <header className={styles.header}>
          <h2 className={styles.title}>{title}</h2>
          <IconButton label={closeLabel} icon={<X size={20} aria-hidden="true" />} onClick={onClose} tooltipSide="left" />
        </header>
        {children}
      </aside>
    </>
  );
}
