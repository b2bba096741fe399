import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton, Skeleton } from '@/design';
import styles from './emoji-picker.module.css';

const EmojiGrid = lazy(async () => ({ default: (await import('./emoji-grid')).EmojiGrid }));

export const quickEmoji: readonly string[] = ['👍', '❤️', '😂', '🎉', '🙏', '👀'];

/** Six at hand, and all the others when they are asked for. */
export function EmojiPicker({ quick = false, onChoose }: { readonly quick?: boolean; readonly onChoose: (emoji: string) => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const [all, setAll] = useState(!quick);
  if (all) {
    return (
      <Suspense fallback={<Skeleton shape="block" className={styles.coming} />}>
        <EmojiGrid onChoose={onChoose} />
      </Suspense>
    );
  }
  return (
    <div className={styles.quick}>
      {quickEmoji.map((emoji) => (
        <button key={emoji} type="button" className={styles.emoji} aria-label={emoji} onClick={() => onChoose(emoji)}>
          {emoji}
        </button>
      ))}
      <IconButton label={t('reaction.other')} icon={<Plus size={20} aria-hidden="true" />} onClick={() => setAll(true)} />
    </div>
  );
}
