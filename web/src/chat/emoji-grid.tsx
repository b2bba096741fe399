import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Input, Skeleton } from '@/design';
import { matches } from './conversation-name';
import styles from './emoji-picker.module.css';

interface Emoji {
  readonly unicode: string;
  readonly label: string;
  readonly tags: readonly string[];
  readonly group: number;
}

/** Groups of emojibase; the second one are pieces such as skin tones. */
const groups = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;
const columns = 8;

/** All emoji by group, looked for by words of the reader's language. The data is the page's own. */
export function EmojiGrid({ onChoose }: { readonly onChoose: (emoji: string) => void }) {
  const { t, i18n } = useTranslation(['chat', 'common']);
  const [emojis, setEmojis] = useState<readonly Emoji[] | null>(null);
  const [query, setQuery] = useState('');
  const grid = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let current = true;
    void loadEmoji(i18n.language).then((loaded) => current && setEmojis(loaded));
    return () => {
      current = false;
    };
  }, [i18n.language]);
  const shown = useMemo(() => {
    if (!emojis) return [];
    const found = query.trim() === '' ? emojis : emojis.filter(({ label, tags }) => matches(`${label} ${tags.join(' ')}`, query.trim()));
    return groups
      .map((group) => ({ group, members: found.filter((emoji) => emoji.group === group) }))
      .filter(({ members }) => members.length > 0);
  }, [emojis, query]);

  const move = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    if (step === undefined) return;
    const buttons = [...(grid.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])];
    const at = buttons.findIndex((one) => one.matches(':focus'));
    const next = at < 0 ? buttons[0] : buttons[Math.max(0, Math.min(buttons.length - 1, at + step))];
    if (at < 0 && event.key !== 'ArrowDown') return;
    event.preventDefault();
    next?.focus();
  };
  const takeFirst = (event: KeyboardEvent): void => {
    const first = shown[0]?.members[0];
    if (event.key !== 'Enter' || !first || query.trim() === '' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    onChoose(first.unicode);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go on to the buttons inside.
    <div className={styles.picker} onKeyDown={move}>
      <div className={styles.search}>
        <Search size={18} aria-hidden="true" />
        <Input
          type="search"
          autoFocus
          value={query}
          placeholder={t('emoji.search')}
          aria-label={t('emoji.search')}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={takeFirst}
        />
      </div>
      <div ref={grid} className={styles.groups}>
        {!emojis && <Skeleton shape="block" className={styles.coming} />}
        {emojis && shown.length === 0 && <p className={styles.none}>{t('emoji.none')}</p>}
        {shown.map(({ group, members }) => (
          <section key={group} className={styles.group} aria-label={t(`emoji.group${group}`)}>
            <h3 className={styles.heading}>{t(`emoji.group${group}`)}</h3>
            <div className={styles.grid}>
              {members.map(({ unicode, label }) => (
                <button
                  key={unicode}
                  type="button"
                  className={styles.emoji}
                  aria-label={label}
                  title={label}
                  onClick={() => onChoose(unicode)}
                >
                  {unicode}
                </button>
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  );
}

async function loadEmoji(language: string): Promise<readonly Emoji[]> {
  const { default: data } =
    language === 'zh-Hant'
      ? await import('emojibase-data/zh-hant/compact.json')
      : language === 'zh-Hans'
        ? await import('emojibase-data/zh/compact.json')
        : await import('emojibase-data/en/compact.json');
  return data.flatMap(({ unicode, label, tags, group }) => (group === undefined ? [] : [{ unicode, label, tags: tags ?? [], group }]));
}
