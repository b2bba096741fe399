import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Dialog, DialogBody, DialogFooter } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import type { Form } from '@/pages/forms/use-form';

export interface FormDialogProps<Values> {
  readonly form: Form<Values>;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly size?: 'medium' | 'wide';
  /** What the button says; without it: save. */
  readonly action?: string | undefined;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A form over the page: what was refused above its parts, and the two ways out below. */
export function FormDialog<Values>({ form, title, description, size, action, onClose, children }: FormDialogProps<Values>) {
  const { t } = useTranslation();
  return (
    <Dialog open size={size} onOpenChange={(open) => !open && onClose()} title={title} description={description}>
      <form onSubmit={form.onSubmit} noValidate>
        <DialogBody>
          <FormFailure failure={form.failure} />
          {children}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {action ?? t('action.save')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
