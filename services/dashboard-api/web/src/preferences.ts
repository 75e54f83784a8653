import { reactive, watch } from 'vue';
import type { Language } from '#core/text.ts';

/** What this browser was told to look like; kept here, never on the server. */
export type Theme = 'auto' | 'light' | 'dark';

interface Preferences {
  language: Language;
  theme: Theme;
  /** Tones when alerts fire; only after the person has said so. */
  sound: boolean;
  /** The browser's own notices. */
  notices: boolean;
  /** No tones and notices until then, epoch milliseconds. */
  mutedUntil: number;
}

const KEY = 'zhishou.preferences';

function read(): Preferences {
  const fallback: Preferences = {
    language: navigator.language.toLowerCase().startsWith('zh') || navigator.language === '' ? 'zh' : 'en',
    theme: 'auto',
    sound: false,
    notices: false,
    mutedUntil: 0,
  };
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<keyof Preferences, unknown>>;
    return {
      language: kept.language === 'zh' || kept.language === 'en' ? kept.language : fallback.language,
      theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : fallback.theme,
      sound: kept.sound === true,
      notices: kept.notices === true,
      mutedUntil: typeof kept.mutedUntil === 'number' ? kept.mutedUntil : 0,
    };
  } catch {
    return fallback;
  }
}

export const preferences = reactive<Preferences>(read());

/** Milliseconds that it is still quiet; a mute always ends. */
export const muteLeft = (): number => Math.max(0, preferences.mutedUntil - Date.now());
export const mute = (minutes: number): void => {
  preferences.mutedUntil = minutes === 0 ? 0 : Date.now() + minutes * 60_000;
};

const darkWanted = matchMedia('(prefers-color-scheme: dark)');

const applyTheme = (): void => showTheme(preferences.theme);

/** For this page alone, whatever was chosen. */
export function showTheme(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'auto' && darkWanted.matches);
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
