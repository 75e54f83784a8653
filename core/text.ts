/** What people read exists in Chinese and in English; a plain string in configuration stands for both. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

export type Language = keyof Text;

/** The same words in both languages: names, numbers, codes. */
export const sameText = (text: string): Text => ({ zh: text, en: text });

/** Fills `{name}` from `values`; a name without a value stays visible as `{name}`, so that a gap is seen and not silent. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([\w.-]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Fills both languages; values may differ by language. */
export function fillText(template: Text, values: Readonly<Record<string, Text | string>>): Text {
  const fill = (language: Language): string =>
    template[language].replaceAll(/\{([\w.-]+)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === 'string' ? value : (value?.[language] ?? whole);
    });
  return { zh: fill('zh'), en: fill('en') };
}

/** `{a}` names used in a template, for `check`. */
export function templateNames(template: Text): string[] {
  return [...new Set([...`${template.zh} ${template.en}`.matchAll(/\{([\w.-]+)\}/g)].map((match) => match[1] ?? ''))];
}
