export { changeLanguage, currentLanguage, startI18n } from './i18n';
export { type Language, languages, localeOf } from './language';
