import { Check, CircleAlert, Info, X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { IconButton } from './icon-button';
import styles from './toast.module.css';

export type ToastTone = 'good' | 'wrong' | 'plain';

export interface ToastOptions {
  readonly tone?: ToastTone;
  /** One thing to do about it, such as undoing it. */
  readonly action?: ToastAction;
  /** What else one may do, less often. */
  readonly other?: ToastAction;
}

export interface ToastAction {
  readonly label: string;
  readonly onClick: () => void;
}

export type ShowToast = (message: ReactNode, options?: ToastOptions) => void;

interface Entry {
  readonly id: number;
  readonly message: ReactNode;
  readonly options: ToastOptions;
}

const ToastContext = createContext<ShowToast | null>(null);
const shownAtOnce = 3;
const stayMs = 5_000;
const icons = { good: Check, wrong: CircleAlert, plain: Info } as const;

/** Short notices in a corner: what was done, what has come. Errors of a form stand in the form. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const close = useCallback((id: number) => setEntries((now) => now.filter((entry) => entry.id !== id)), []);
  const show = useMemo(() => {
    let last = 0;
    return (message: ReactNode, options: ToastOptions = {}): void => {
      last += 1;
      const entry: Entry = { id: last, message, options };
      setEntries((now) => [...now, entry].slice(-shownAtOnce));
    };
  }, []);
  return (
    <ToastContext value={show}>
      {children}
      {createPortal(
        // The region is there before anything is said in it: only then do screen readers say it.
        <section className={styles.region} role="status" aria-label={t('toast.region')}>
          {entries.map((entry) => (
            <Toast key={entry.id} entry={entry} onClose={close} />
          ))}
        </section>,
        document.body,
      )}
    </ToastContext>
  );
}

export function useToast(): ShowToast {
  const show = useContext(ToastContext);
  if (!show) throw new Error('useToast needs the ToastProvider around it.');
  return show;
}

function Toast({ entry, onClose }: { entry: Entry; onClose: (id: number) => void }) {
  const { t } = useTranslation();
  const { tone = 'plain', action, other } = entry.options;
  const [held, setHeld] = useState(false);
  const Icon = icons[tone];
  useEffect(() => {
    // What asks for an act, and what somebody is reading, waits.
    if (held) return;
    const timer = setTimeout(() => onClose(entry.id), action ? stayMs * 2 : stayMs);
    return () => clearTimeout(timer);
  }, [entry.id, held, action, onClose]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only waits while somebody reads; there is nothing to operate.
    <div
      className={styles.toast}
      data-tone={tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon className={styles.icon} size={20} aria-hidden="true" />
      <div className={styles.words}>{entry.message}</div>
      {[other, action].map(
        (offered) =>
          offered && (
            <button
              key={offered.label}
              type="button"
              className={styles.action}
              onClick={() => {
                offered.onClick();
                onClose(entry.id);
              }}
            >
              {offered.label}
            </button>
          ),
      )}
      <IconButton
        label={t('action.close')}
        icon={<X size={18} aria-hidden="true" />}
        className={styles.close}
        onClick={() => onClose(entry.id)}
      />
    </div>
  );
}
