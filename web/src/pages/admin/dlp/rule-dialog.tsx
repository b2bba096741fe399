import { useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type DlpRule } from '@/api';
import { Button, Choice, Field, FieldError, IconButton, Input, Switch, useToast } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { type Form, useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useDomainOptions } from '../admin-queries';
import { CheckList } from '../check-list';
import styles from './dlp.module.css';
import {
  actions,
  detectorNames,
  draftOf,
  examples,
  inputOf,
  kinds,
  looksForSomething,
  type PatternDraft,
  type RuleDraft,
} from './rule-draft';
import { RuleHistory } from './rule-history';
import { SampleCheck } from './sample-check';

type Values = RuleDraft & Record<string, unknown>;

/** A new rule, or one that is there. It is made off; the list has its switch. */
export function RuleDialog({ rule, onClose }: { readonly rule: DlpRule | null; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const toast = useToast();
  const domains = useDomainOptions();
  const [wrong, setWrong] = useState<ReadonlyMap<number, string>>(new Map());
  const form = useForm<Values>({
    initial: { ...draftOf(rule) },
    check: (values) => {
      const minimum = Number(values.minimum);
      return {
        ...(values.name.trim() === '' && { name: t('check.name') }),
        ...(!looksForSomething(inputOf(values)) && { detectors: t('dlp.checkSomething') }),
        ...(!(Number.isInteger(minimum) && minimum >= 1 && minimum <= 100) && { minimum: t('dlp.checkMinimum') }),
      };
    },
    submit: async (values) => {
      if (rule) await api.admin.dlp.change(rule.id, inputOf(values));
      else await api.admin.dlp.make(inputOf(values));
      await queries.invalidateQueries({ queryKey: adminKeys.dlp });
      toast(t(rule ? 'dlp.saved' : 'dlp.made'), { tone: 'good' });
      onClose();
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog
      form={form}
      size="wide"
      title={t(rule ? 'dlp.edit' : 'dlp.new')}
      description={rule ? undefined : t('dlp.editorWords')}
      onClose={onClose}
    >
      <Field label={t('field.name')} error={errors.name}>
        <Input autoFocus value={values.name} maxLength={80} onChange={(event) => set('name', event.target.value)} />
      </Field>
      <CheckList
        label={t('dlp.detectors')}
        error={errors.detectors}
        options={detectorNames.map((name) => ({
          id: name,
          name: t(`dlp.detector.${name}`),
          detail: t('dlp.example', { example: examples[name] }),
        }))}
        chosen={values.detectors}
        onChange={(chosen) => set('detectors', chosen)}
      />
      <Patterns form={form} wrong={wrong} />
      <SampleCheck detectors={values.detectors} patterns={values.patterns} onWrong={setWrong} />
      <Field label={t('dlp.fileTypes')} hint={t('dlp.fileTypesHint')} error={errors.fileTypes}>
        <Input value={values.fileTypes} onChange={(event) => set('fileTypes', event.target.value)} />
      </Field>
      <Choice
        label={t('dlp.action')}
        hint={t(`dlp.actionHint.${values.action}`)}
        value={values.action}
        onChange={(action) => set('action', action)}
        choices={actions.map((action) => ({ value: action, label: t(`dlp.actionName.${action}`) }))}
      />
      {values.action !== 'notify' && (
        <Switch
          label={t('dlp.notify')}
          description={t('dlp.notifyWords')}
          checked={values.notify}
          onChange={(notify) => set('notify', notify)}
        />
      )}
      <Field label={t('dlp.minimum')} hint={t('dlp.minimumHint')} error={errors.minimum}>
        <Input
          type="number"
          inputMode="numeric"
          min={1}
          max={100}
          value={values.minimum}
          onChange={(event) => set('minimum', event.target.value)}
        />
      </Field>
      <details className={admin.details} open={values.kinds.length > 0 || values.domains.length > 0}>
        <summary>{t('dlp.scope')}</summary>
        <div className={admin.stack}>
          <CheckList
            label={t('dlp.scopeKinds')}
            hint={t('dlp.scopeHint')}
            options={kinds.map((kind) => ({ id: kind, name: t(`kind.${kind}`) }))}
            chosen={values.kinds}
            onChange={(chosen) => set('kinds', chosen)}
          />
          {domains.length > 1 && (
            <CheckList
              label={t('dlp.scopeDomains')}
              hint={t('dlp.scopeHint')}
              options={domains}
              chosen={values.domains}
              onChange={(chosen) => set('domains', chosen)}
            />
          )}
        </div>
      </details>
      <RuleHistory rule={() => inputOf(values)} />
    </FormDialog>
  );
}

function Patterns({ form, wrong }: { readonly form: Form<Values>; readonly wrong: ReadonlyMap<number, string> }) {
  const { t } = useTranslation('admin');
  const { patterns } = form.values;
  const last = useRef(patterns.length);
  const change = (key: number, part: Partial<PatternDraft>): void =>
    form.set(
      'patterns',
      patterns.map((pattern) => (pattern.key === key ? { ...pattern, ...part } : pattern)),
    );
  const add = (): void => {
    last.current += 1;
    form.set('patterns', [...patterns, { key: last.current, name: '', pattern: '', caseSensitive: false }]);
  };
  return (
    <fieldset className={admin.group} aria-label={t('dlp.patterns')}>
      <div className={admin.legend}>
        <span>{t('dlp.patterns')}</span>
        <Button icon={<Plus size={18} aria-hidden="true" />} onClick={add} disabled={patterns.length >= 20}>
          {t('dlp.addPattern')}
        </Button>
      </div>
      <p className={admin.small}>{t('dlp.patternsHint')}</p>
      {patterns.map((pattern) => (
        <div key={pattern.key} className={styles.pattern}>
          <Field label={t('dlp.patternName')}>
            <Input value={pattern.name} maxLength={60} onChange={(event) => change(pattern.key, { name: event.target.value })} />
          </Field>
          <Field
            label={t('dlp.pattern')}
            error={wrong.has(pattern.key) ? t('dlp.patternWrong', { detail: wrong.get(pattern.key) }) : undefined}
          >
            <Input
              className={styles.patternText}
              value={pattern.pattern}
              maxLength={1000}
              spellCheck={false}
              autoCapitalize="none"
              onChange={(event) => change(pattern.key, { pattern: event.target.value })}
            />
          </Field>
          <IconButton
            className={styles.remove}
            label={t('dlp.removePattern', { name: pattern.name || pattern.pattern })}
            icon={<Trash2 size={20} aria-hidden="true" />}
            onClick={() =>
              form.set(
                'patterns',
                patterns.filter(({ key }) => key !== pattern.key),
              )
            }
          />
          <label className={styles.case}>
            <input
              type="checkbox"
              checked={pattern.caseSensitive}
              onChange={(event) => change(pattern.key, { caseSensitive: event.target.checked })}
            />
            {t('dlp.caseSensitive')}
          </label>
        </div>
      ))}
      <FieldError>{form.errors.patterns}</FieldError>
    </fieldset>
  );
}
