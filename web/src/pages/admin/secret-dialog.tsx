import { useTranslation } from 'react-i18next';
import { Dialog } from '@/design';
import { ShownOnce } from '@/pages/forms/shown-once';

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
  const { t } = useTranslation('admin');
  return (
    <Dialog open={secret !== null} onOpenChange={(open) => !open && onClose()} title={secret?.title} description={secret?.words}>
      {secret && (
        <ShownOnce
          label={secret.label}
          value={secret.value}
          copy={t('secret.copy')}
          once={t('secret.once')}
          beside={secret.beside}
          onDone={onClose}
        />
      )}
    </Dialog>
  );
}
