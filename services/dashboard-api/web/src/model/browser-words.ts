import type { Language } from '#core/text.ts';

/**
 * What a browser says it is, in the words that people know it by. Order matters: nearly every browser also names those whose pages it
 * wants to be given. Example: `Mozilla/5.0 (Linux; Android 14; …) Chrome/130 …` is Chrome on Android.
 */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/MicroMessenger\//, 'WeChat'],
  [/DingTalk/i, 'DingTalk'],
  [/Lark|Feishu/i, 'Feishu'],
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/QQBrowser\//, 'QQ Browser'],
  [/UCBrowser\//, 'UC Browser'],
  [/HuaweiBrowser\//, 'Huawei Browser'],
  [/MiuiBrowser\//, 'Mi Browser'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'Chrome'],
  [/Version\/[\d.]+.*Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/iPad/, 'iPad'],
  [/iPhone|iPod/, 'iPhone'],
  [/Android/, 'Android'],
  [/CrOS/, 'ChromeOS'],
  [/Windows/, 'Windows'],
  [/Macintosh|Mac OS X/, 'Mac'],
  [/Linux|X11/, 'Linux'],
];

export interface BrowserWords {
  /** `Chrome`; a program that is no browser by its own name: `curl`; null: it says nothing. */
  readonly name: string | null;
  readonly system: string | null;
  readonly isProgram: boolean;
}

/** Those that have a Chinese name of their own. */
const IN_CHINESE: Readonly<Record<string, string>> = {
  WeChat: '微信',
  DingTalk: '钉钉',
  Feishu: '飞书',
  'QQ Browser': 'QQ 浏览器',
  'UC Browser': 'UC 浏览器',
  'Huawei Browser': '华为浏览器',
  'Mi Browser': '小米浏览器',
};
export const browserName = (name: string, language: Language): string =>
  language === 'zh' ? (IN_CHINESE[name] ?? name) : name;

export function browserWords(agent: string): BrowserWords {
  const find = (table: readonly (readonly [RegExp, string])[]): string | null =>
    table.find(([pattern]) => pattern.test(agent))?.[1] ?? null;
  const name = find(BROWSERS);
  if (name !== null || agent.startsWith('Mozilla/')) return { name, system: find(SYSTEMS), isProgram: false };
  const program = /^[\w.-]{1,40}/.exec(agent)?.[0] ?? null;
  return { name: program, system: null, isProgram: program !== null };
}
