import { X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button';
import styles from './dialog.module.css';
import { IconButton } from './icon-button';
import { usePortalContainer } from './stage';

export interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** Buttons at the bottom, the main one last. */
  readonly footer?: ReactNode;
  readonly size?: 'medium' | 'wide' | undefined;
  readonly children?: ReactNode;
}

/** A question or a form over the page; on a phone a sheet from below. */
export function Dialog({ open, onOpenChange, title, description, footer, size = 'medium', children }: DialogProps) {
  const { t } = useTranslation();
  const container = usePortalContainer();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal container={container}>
        <Radix.Overlay className={styles.scrim}>
          <Radix.Content
            className={styles.dialog}
            data-size={size}
            onOpenAutoFocus={focusItself}
            {...(description ? {} : { 'aria-describedby': undefined })}
          >
            <header className={styles.header}>
              <div className={styles.words}>
                <Radix.Title className={styles.title}>{title}</Radix.Title>
                {description && <Radix.Description className={styles.description}>{description}</Radix.Description>}
              </div>
              <Radix.Close asChild>
                <IconButton label={t('action.close')} icon={<X size={20} aria-hidden="true" />} className={styles.close} />
              </Radix.Close>
            </header>
            {children}
            {footer && <footer className={styles.footer}>{footer}</footer>}
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Not its first button: that would open the button's tooltip, which then takes the first Escape. A field with `autoFocus` keeps the focus. */
function focusItself(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
}

/** The part of a dialog that scrolls. */
export function DialogBody({ children }: { children: ReactNode }) {
  return <div className={styles.body}>{children}</div>;
}

/** For forms, whose buttons must be inside the form. */
export function DialogFooter({ children }: { children: ReactNode }) {
  return <footer className={styles.footer}>{children}</footer>;
}

export interface ConfirmProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  /** What will happen, and what can't be undone. */
  readonly description: ReactNode;
  /** The act itself as the word: "Remove", not "OK". */
  readonly action: ReactNode;
  /** The word that leaves all as it is, where "Cancel" could be taken for the act. */
  readonly dismiss?: ReactNode;
  readonly onConfirm: () => void;
  readonly busy?: boolean | undefined;
  readonly danger?: boolean | undefined;
}

export function ConfirmDialog({ open, onOpenChange, title, description, action, dismiss, onConfirm, busy, danger = true }: ConfirmProps) {
  const { t } = useTranslation();
  const container = usePortalContainer();
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal container={container}>
        <AlertDialog.Overlay className={styles.scrim}>
          <AlertDialog.Content className={styles.dialog} data-size="small">
            <header className={styles.header}>
              <div className={styles.words}>
                <AlertDialog.Title className={styles.title}>{title}</AlertDialog.Title>
                <AlertDialog.Description className={styles.description}>{description}</AlertDialog.Description>
              </div>
            </header>
            <footer className={styles.footer}>
              <AlertDialog.Cancel asChild>
                <Button>{dismiss ?? t('action.cancel')}</Button>
              </AlertDialog.Cancel>
              {/* Not AlertDialog.Action: it would close before the answer is there. */}
              <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
                {action}
              </Button>
            </footer>
          </AlertDialog.Content>
        </AlertDialog.Overlay>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
