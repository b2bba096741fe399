import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, CopyButton, DialogBody, DialogFooter, Field, Input } from '@/design';

export interface ShownOnceProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: string | undefined;
  /** What the button says that copies it. */
  readonly copy: string;
  /** What to do when it gets lost. */
  readonly once: string;
  /** It is on its way to the person already: the sentence warns of nothing. */
  readonly isSent?: boolean | undefined;
  /** What is needed together with it. */
  readonly beside?: { readonly label: string; readonly value: string } | undefined;
  /** What one may do next, before the way out. */
  readonly next?: ReactNode;
  readonly onDone: () => void;
}

/** A link or a secret that the server shows this one time. Stands inside a Dialog. */
export function ShownOnce({ label, value, hint, copy, once, isSent = false, beside, next, onDone }: ShownOnceProps) {
  const { t } = useTranslation();
  return (
    <>
      <DialogBody>
        {beside && (
          <Field label={beside.label}>
            <Input readOnly value={beside.value} onFocus={(event) => event.target.select()} />
          </Field>
        )}
        <Field label={label} hint={hint}>
          <Input readOnly value={value} onFocus={(event) => event.target.select()} />
        </Field>
        <Banner tone={isSent ? 'info' : 'attention'}>{once}</Banner>
      </DialogBody>
      <DialogFooter>
        {next}
        <Button onClick={onDone}>{t('action.done')}</Button>
        <CopyButton text={value} label={copy} variant="primary" />
      </DialogFooter>
    </>
  );
}
