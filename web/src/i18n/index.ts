export { daysBetween, type Format, useFormat } from './format';
export { changeLanguage, currentLanguage, loadWords, startI18n } from './i18n';
export { type Language, languages, localeOf } from './language';
