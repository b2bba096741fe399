import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, type ButtonVariant } from './button';
import { copyText } from './copy-text';
import { IconButton } from './icon-button';
import { useToast } from './toast';

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied: "Copy link". */
  readonly label: string;
  readonly variant?: ButtonVariant | undefined;
  /** Only the icon, with the label as its name. */
  readonly iconOnly?: boolean | undefined;
}

/** Copies, and says so on itself and to screen readers. */
export function CopyButton({ text, label, variant, iconOnly }: CopyButtonProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    const done = await copyText(text);
    setCopied(done);
    if (done) toast(t('copy.done'), { tone: 'good' });
    else toast(t('copy.failed'), { tone: 'wrong' });
  };
  const icon = copied ? <Check size={iconOnly ? 20 : 18} aria-hidden="true" /> : <Copy size={iconOnly ? 20 : 18} aria-hidden="true" />;
  if (iconOnly) return <IconButton label={label} icon={icon} onClick={copy} />;
  return (
    <Button variant={variant} icon={icon} onClick={copy}>
      {label}
    </Button>
  );
}
