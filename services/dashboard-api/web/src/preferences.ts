import { reactive, watch } from 'vue';
import type { Language } from '#core/text.ts';

/** What this browser was told to look like; kept here, never on the server. */
export type Theme = 'auto' | 'light' | 'dark';

interface Preferences {
  language: Language;
  theme: Theme;
  /** A soft tone on a new high alert; only after the person has said so. */
  sound: boolean;
}

const KEY = 'zhishou.preferences';

function read(): Preferences {
  const fallback: Preferences = {
    language: navigator.language.toLowerCase().startsWith('zh') || navigator.language === '' ? 'zh' : 'en',
    theme: 'auto',
    sound: false,
  };
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<keyof Preferences, unknown>>;
    return {
      language: kept.language === 'zh' || kept.language === 'en' ? kept.language : fallback.language,
      theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : fallback.theme,
      sound: kept.sound === true,
    };
  } catch {
    return fallback;
  }
}

export const preferences = reactive<Preferences>(read());

const darkWanted = matchMedia('(prefers-color-scheme: dark)');

function applyTheme(): void {
  const dark = preferences.theme === 'dark' || (preferences.theme === 'auto' && darkWanted.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

/** Applies the look now and whenever it changes. */
export function startPreferences(): void {
  applyTheme();
  darkWanted.addEventListener('change', applyTheme);
  watch(preferences, () => {
    applyTheme();
    try {
      localStorage.setItem(KEY, JSON.stringify(preferences));
    } catch {
      // Private windows may refuse storage: the choice then lasts as long as the page.
    }
  });
}
