import { describe, expect, it } from 'vitest';
import { messageTextsSchema } from '#core/config/message-texts.ts';
import { inSiteWords } from '#services/alerts/notify/site-words.ts';
import { makeConfig, makeRequest, T0 } from '../support.ts';

const site = (texts: unknown) => ({ ...makeConfig().site, texts: messageTextsSchema.parse(texts) });

describe('a site’s own words', () => {
  it('stand around what is told, in both languages, for the phase that they are written for', () => {
    const own = site({
      raised: {
        subject: { zh: '{site} {severity}：{subject}', en: '{site} {severity}: {subject}' },
        body: '{body}\n({time})',
      },
    });
    const told = inSiteWords(makeRequest({ phase: 'raised', severity: 'high' }), own, T0);
    expect(told.subject).toEqual({ zh: '测试机房 紧急：主题', en: 'Test room HIGH: subject' });
    expect(told.body).toEqual({ zh: '正文\n(10:00)', en: 'body\n(10:00)' });
    const other = makeRequest({ phase: 'recovered' });
    expect(inSiteWords(other, own, T0)).toBe(other);
  });

  it('what is told is not searched for placeholders', () => {
    const own = site({ information: { body: '{body}' } });
    expect(inSiteWords(makeRequest({ body: { zh: '{site}', en: '{time}' } }), own, T0).body).toEqual({
      zh: '{site}',
      en: '{time}',
    });
  });

  it.each([
    [{ raised: { body: '{boddy} {body}' } }, /\{boddy\} is not known; there are \{subject\}/],
    [{ raised: { body: 'Something happened' } }, /must have \{body\}/],
    [{ raised: { subject: { zh: '{subject}', en: 'Alarm' } } }, /en: it must have \{subject\}/],
    [{ alarm: { body: '{body}' } }, /unrecognized_keys/],
  ])('a mistake is told by name: %j', (texts, words) => {
    const parsed = messageTextsSchema.safeParse(texts);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toMatch(words);
  });
});
