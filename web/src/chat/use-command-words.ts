import { useTranslation } from 'react-i18next';
import type { SlashCommand } from './slash-commands';

/** What a command does and what stands after it: those that are built in, whose names no app can take, say it in the reader's language. */
export function useCommandWords(): (command: SlashCommand) => Pick<SlashCommand, 'description' | 'hint'> {
  const { t } = useTranslation();
  return ({ name, description, hint }) =>
    name === 'me' || name === 'shrug' ? { description: t(`command.${name}`), hint: t('command.text') } : { description, hint };
}
