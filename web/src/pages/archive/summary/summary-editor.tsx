import { Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, api, type Summary } from '@/api';
import { Button, Field, IconButton, Input, Textarea } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { bodyOf, type Draft, type DraftLine, draftOf } from './summary-draft';
import styles from './summary-panel.module.css';

const longest = 1_000;
const lists = ['overview', 'decisions', 'questions'] as const;

/** Every sentence can be put right, taken out or added; what stays keeps the moment on which it stands. */
export function SummaryEditor({
  recordingId,
  summary,
  onSaved,
  onClose,
}: {
  readonly recordingId: string;
  readonly summary: Summary;
  readonly onSaved: (summary: Summary) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(['archive', 'common']);
  const [draft, setDraft] = useState<Draft>(() => draftOf(summary.content));
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      onSaved(await api.recordings.editSummary(recordingId, bodyOf(draft, summary.number)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.editor} onSubmit={(event) => void save(event)} noValidate>
      <FormFailure failure={failure} />
      {lists.map((name) => (
        <fieldset key={name} className={styles.group}>
          <legend>{t(`summary.${name}`)}</legend>
          <Lines lines={draft[name]} onChange={(lines) => setDraft({ ...draft, [name]: lines })} />
        </fieldset>
      ))}
      <div className={styles.group}>
        <h3>{t('summary.topics')}</h3>
        {draft.topics.map((topic, at) => {
          const change = (parts: Partial<typeof topic>): void =>
            setDraft({ ...draft, topics: draft.topics.map((other, index) => (index === at ? { ...other, ...parts } : other)) });
          return (
            <fieldset key={topic.key} className={styles.topicBox}>
              <div className={styles.line}>
                <Field label={t('summary.topicTitle')} labelHidden>
                  <Input maxLength={120} value={topic.title} onChange={(event) => change({ title: event.target.value })} />
                </Field>
                <IconButton
                  label={t('summary.removeTopic')}
                  icon={<Trash2 size={18} aria-hidden="true" />}
                  onClick={() => setDraft({ ...draft, topics: draft.topics.filter((_, index) => index !== at) })}
                />
              </div>
              <Lines lines={topic.sentences} onChange={(sentences) => change({ sentences })} />
            </fieldset>
          );
        })}
      </div>
      <div className={styles.foot}>
        <Button onClick={onClose}>{t('common:action.cancel')}</Button>
        <Button type="submit" variant="primary" busy={isBusy}>
          {t('summary.save')}
        </Button>
      </div>
    </form>
  );
}

function Lines({ lines, onChange }: { readonly lines: readonly DraftLine[]; readonly onChange: (lines: readonly DraftLine[]) => void }) {
  const { t } = useTranslation('archive');
  const added = useRef(0);
  return (
    <>
      {lines.map((line, at) => (
        <div key={line.key} className={styles.line}>
          <Field label={t('summary.sentence', { number: at + 1 })} labelHidden>
            <Textarea
              rows={2}
              maxLength={longest}
              value={line.text}
              onChange={(event) =>
                onChange(lines.map((other, index) => (index === at ? { ...other, text: event.target.value.replaceAll('\n', ' ') } : other)))
              }
            />
          </Field>
          <IconButton
            label={t('summary.remove')}
            icon={<Trash2 size={18} aria-hidden="true" />}
            onClick={() => onChange(lines.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Button
        variant="quiet"
        className={styles.add}
        icon={<Plus size={18} aria-hidden="true" />}
        onClick={() => {
          added.current += 1;
          onChange([...lines, { key: `new ${added.current}`, text: '', lineId: null, atMs: 0 }]);
        }}
      >
        {t('summary.addSentence')}
      </Button>
    </>
  );
}
