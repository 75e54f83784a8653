import { createI18n } from 'vue-i18n';
import type { Language } from '#core/text.ts';
import zh from './locales/zh.ts';
import { preferences } from './preferences.ts';

/** Chinese comes with the first load; English is fetched when it is wanted. */
export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  fallbackLocale: 'zh',
  messages: { zh } as Record<string, typeof zh>,
  missingWarn: false,
  fallbackWarn: false,
});

export async function setLanguage(language: Language): Promise<void> {
  if (language === 'en' && !i18n.global.availableLocales.includes('en')) {
    i18n.global.setLocaleMessage('en', (await import('./locales/en.ts')).default);
  }
  i18n.global.locale.value = language;
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  preferences.language = language;
}
