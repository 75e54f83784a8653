import { createI18n } from 'vue-i18n';
import type { Language } from '#core/text.ts';
import type zh from './locales/zh.ts';
import first from './locales/zh-first.ts';
import { preferences } from './preferences.ts';

/** What the overview says in Chinese comes with the first load; the other pages' words follow, English is fetched when it is wanted. */
export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  fallbackLocale: 'zh',
  messages: { zh: first } as Record<string, typeof zh | typeof first>,
  missingWarn: false,
  fallbackWarn: false,
});

/** Another page than the overview is or will be shown. */
let whole = false;
let fetched: Promise<void> | null = null;

async function fetchChinese(): Promise<void> {
  fetched ??= import('./locales/zh.ts').then(({ default: words }) => i18n.global.setLocaleMessage('zh', words));
  await fetched.catch((thrown: unknown) => {
    // Without a connection now: tried again with the next page.
    fetched = null;
    throw thrown;
  });
}

/** The words of every page. Resolves at once when they are here. */
export async function wholeWords(): Promise<void> {
  whole = true;
  if (i18n.global.locale.value === 'zh') await fetchChinese();
}

export async function setLanguage(language: Language): Promise<void> {
  if (language === 'en' && !i18n.global.availableLocales.includes('en')) {
    i18n.global.setLocaleMessage('en', (await import('./locales/en.ts')).default);
  }
  if (language === 'zh' && whole) await fetchChinese();
  i18n.global.locale.value = language;
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  preferences.language = language;
}
