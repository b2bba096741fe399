import { Languages, SunMoon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton, Menu, MenuChoices, MenuContent, MenuTrigger } from '@/design';
import { changeLanguage, type Language, languages } from '@/i18n';
import { themes, useTheme } from './theme';

/** For pages without the shell; inside it the settings have the same. */
export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  const current = languages.find((language) => language.value === i18n.language)?.value ?? 'en';
  return (
    <Menu>
      <MenuTrigger>
        <IconButton label={t('language.label')} icon={<Languages size={20} aria-hidden="true" />} tooltipSide="bottom" />
      </MenuTrigger>
      <MenuContent>
        <MenuChoices<Language> value={current} onChange={changeLanguage} choices={languages} />
      </MenuContent>
    </Menu>
  );
}

export function ThemeMenu() {
  const { t } = useTranslation();
  const [theme, setTheme] = useTheme();
  return (
    <Menu>
      <MenuTrigger>
        <IconButton label={t('theme.label')} icon={<SunMoon size={20} aria-hidden="true" />} tooltipSide="bottom" />
      </MenuTrigger>
      <MenuContent>
        <MenuChoices value={theme} onChange={setTheme} choices={themes.map((value) => ({ value, label: t(`theme.${value}`) }))} />
      </MenuContent>
    </Menu>
  );
}
