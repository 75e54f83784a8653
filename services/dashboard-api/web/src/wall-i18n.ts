import { createI18n } from 'vue-i18n';
import type { Language } from '#core/text.ts';
import type zh from './locales/wall-zh.ts';

/** The wall's own words: one language, and of it what a wall says. */
export async function wallI18n(language: Language) {
  const messages =
    language === 'en' ? (await import('./locales/wall-en.ts')).default : (await import('./locales/wall-zh.ts')).default;
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  return createI18n({
    legacy: false,
    locale: language,
    messages: { [language]: messages } as Record<string, typeof zh>,
    missingWarn: false,
    fallbackWarn: false,
  });
}
