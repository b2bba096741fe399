import { useTranslation } from 'react-i18next';
import { Banner, Button, CopyButton, Dialog, DialogBody, DialogFooter, Field, Input } from '@/design';

export interface Secret {
  readonly title: string;
  readonly words: string;
  readonly label: string;
  readonly value: string;
  /** What is not secret and is needed together with it. */
  readonly beside?: { readonly label: string; readonly value: string };
}

/** A secret that the server shows this one time. */
export function SecretDialog({ secret, onClose }: { readonly secret: Secret | null; readonly onClose: () => void }) {
  const { t } = useTranslation(['admin', 'common']);
  return (
    <Dialog open={secret !== null} onOpenChange={(open) => !open && onClose()} title={secret?.title} description={secret?.words}>
      {secret && (
        <>
          <DialogBody>
            {secret.beside && (
              <Field label={secret.beside.label}>
                <Input readOnly value={secret.beside.value} onFocus={(event) => event.target.select()} />
              </Field>
            )}
            <Field label={secret.label}>
              <Input readOnly value={secret.value} onFocus={(event) => event.target.select()} />
            </Field>
            <Banner tone="attention">{t('secret.once')}</Banner>
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>{t('common:action.done')}</Button>
            <CopyButton text={secret.value} label={t('secret.copy')} variant="primary" />
          </DialogFooter>
        </>
      )}
    </Dialog>
  );
}
