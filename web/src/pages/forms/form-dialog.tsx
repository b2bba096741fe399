import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Dialog, DialogBody, DialogFooter } from '@/design';
import { FormFailure } from './form-failure';
import type { Form } from './use-form';

export interface DialogFormProps<Values> {
  readonly form: Form<Values>;
  /** What the button says; without it: save. */
  readonly action?: string | undefined;
  readonly danger?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export interface FormDialogProps<Values> extends DialogFormProps<Values> {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly size?: 'medium' | 'wide';
}

/** A form over the page. */
export function FormDialog<Values>({ title, description, size, ...form }: FormDialogProps<Values>) {
  return (
    <Dialog open size={size} onOpenChange={(open) => !open && form.onClose()} title={title} description={description}>
      <DialogForm {...form} />
    </Dialog>
  );
}

/** What is in it, for a dialog that doesn't hold a form all the time: what was refused above its parts, and the two ways out below. */
export function DialogForm<Values>({ form, action, danger = false, onClose, children }: DialogFormProps<Values>) {
  const { t } = useTranslation();
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <DialogBody>
        <FormFailure failure={form.failure} />
        {children}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button type="submit" variant={danger ? 'danger' : 'primary'} busy={form.busy}>
          {action ?? t('action.save')}
        </Button>
      </DialogFooter>
    </form>
  );
}
