import { z } from 'zod';
import { Secret } from './secret.ts';

/**
 * Templates of messages that leave over HTTP: `{subject}` and its like, nothing else. A name of small letters in braces is a
 * placeholder; an unknown one is a mistake of the configuration. Values are escaped by where they are put: a device's name
 * with a quotation mark in it never breaks the JSON around it, nor leads a URL elsewhere.
 */
export const MESSAGE_PLACEHOLDERS = [
  'id',
  'to',
  'person',
  'language',
  'subject',
  'body',
  /** Subject and body together. */
  'text',
  'severity',
  'phase',
  'conversation',
  'incident',
  'alert',
  /** Signed link that acknowledges; empty when there is nothing to do. */
  'link',
  /** Code that acknowledges when it is sent back. */
  'code',
  /** ISO 8601. */
  'at',
  'site',
  'drill',
  'simulated',
] as const;
export type MessagePlaceholder = (typeof MESSAGE_PLACEHOLDERS)[number];
export type MessageValues = Readonly<Record<MessagePlaceholder, string>>;

const PLACEHOLDER = /\{([a-z_]+)\}/g;

/** The names that are none of `MESSAGE_PLACEHOLDERS`, nor of `also`. */
export function unknownPlaceholders(template: string, also: readonly string[] = []): string[] {
  const known = new Set<string>([...MESSAGE_PLACEHOLDERS, ...also]);
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '').filter((name) => !known.has(name));
}

/** `escaped` fits a value to where the template stands. */
export function fillPlaceholders(
  template: string,
  values: Readonly<Record<string, string>>,
  escaped: (value: string) => string,
): string {
  return template.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : escaped(value);
  });
}

/** A string as it stands between the quotation marks of a JSON document. */
export const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);

export type TemplateValue = string | number | boolean | null | Secret | readonly TemplateValue[] | TemplateObject;
export interface TemplateObject {
  readonly [key: string]: TemplateValue;
}

/** Fills every string within and reveals secrets; what comes out is as well formed as what went in. */
export function fillObject(template: TemplateValue, values: Readonly<Record<string, string>>): TemplateValue {
  if (typeof template === 'string') return fillPlaceholders(template, values, (value) => value);
  if (template instanceof Secret) return template.reveal();
  if (Array.isArray(template)) return template.map((part: TemplateValue) => fillObject(part, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, part]) => [key, fillObject(part as TemplateValue, values)]),
  );
}

/** A text with placeholders; `also` are names of this place alone. */
export const templateText = (also: readonly string[] = []): z.ZodString =>
  z
    .string()
    .min(1)
    .superRefine((text, context) => refuseUnknown(text, also, [], context));

/** JSON written as YAML, its strings with placeholders; a mistake is told where it stands. */
export const templateObject = (also: readonly string[] = []) =>
  z.custom<TemplateObject>(isPlainObject, 'a text or an object').superRefine((object, context) => {
    walk(object, also, [], context);
  });

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

type Context = { addIssue(issue: { code: 'custom'; message: string; path: PropertyKey[] }): void };

function walk(value: unknown, also: readonly string[], path: PropertyKey[], context: Context): void {
  if (typeof value === 'string') refuseUnknown(value, also, path, context);
  else if (typeof value === 'object' && value !== null && !(value instanceof Secret)) {
    for (const [key, part] of Object.entries(value)) walk(part, also, [...path, key], context);
  }
}

function refuseUnknown(text: string, also: readonly string[], path: PropertyKey[], context: Context): void {
  for (const name of unknownPlaceholders(text, also)) {
    const known = [...MESSAGE_PLACEHOLDERS, ...also].map((one) => `{${one}}`).join(' ');
    context.addIssue({ code: 'custom', message: `{${name}} is no placeholder; there are ${known}`, path });
  }
}
