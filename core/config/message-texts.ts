import { z } from 'zod';
import { MESSAGE_PHASES } from '../notification.ts';
import { textSchema } from './common.ts';

/** `texts` of site.yaml: a site's own words around what is told, by where in its matter a message stands. */

export const MESSAGE_PLACEHOLDERS = ['subject', 'body', 'site', 'severity', 'time'] as const;
const KNOWN: ReadonlySet<string> = new Set(MESSAGE_PLACEHOLDERS);

/** What is told is never left out: the template has its own part of it. */
const templateWith = (needed: 'subject' | 'body') =>
  textSchema.superRefine((text, context) => {
    for (const [language, words] of Object.entries(text)) {
      for (const [, name = ''] of words.matchAll(/\{([^{}]*)\}/g)) {
        if (KNOWN.has(name)) continue;
        const known = MESSAGE_PLACEHOLDERS.map((one) => `{${one}}`).join(', ');
        context.addIssue({ code: 'custom', message: `${language}: {${name}} is not known; there are ${known}` });
      }
      if (!words.includes(`{${needed}}`))
        context.addIssue({
          code: 'custom',
          message: `${language}: it must have {${needed}}, or nothing would be told`,
        });
    }
  });

export const messageTextsSchema = z
  .partialRecord(
    z.enum(MESSAGE_PHASES),
    z.strictObject({ subject: templateWith('subject').optional(), body: templateWith('body').optional() }),
  )
  .default({});
export type MessageTexts = z.infer<typeof messageTextsSchema>;
