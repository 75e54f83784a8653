import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBackup, writeBackup } from '#services/alerts/notify/channels/gammu/backup-file.ts';
import { smsText } from '#services/alerts/notify/channels/gammu/sms-text.ts';
import { splitSms } from '#services/alerts/notify/channels/sms-parts.ts';
import { MESSAGE } from './gammu.contract.ts';

describe('parts of a text message', () => {
  it.each<[string, string, number, string]>([
    ['市'.repeat(70), 'ucs2', 1, '70 Chinese characters are one message'],
    ['市'.repeat(71), 'ucs2', 2, 'one more needs a second'],
    ['市'.repeat(134), 'ucs2', 2, '67 each when they are several'],
    ['市'.repeat(135), 'ucs2', 3, 'and a third'],
    ['a'.repeat(160), 'gsm', 1, '160 letters are one message'],
    ['a'.repeat(161), 'gsm', 2, '153 each when they are several'],
    [`${'a'.repeat(158)}€`, 'gsm', 1, 'the euro takes two'],
    [`${'a'.repeat(159)}€`, 'gsm', 2, 'the euro takes two'],
    [`${'a'.repeat(159)}℃`, 'ucs2', 3, 'one character outside the alphabet, and all is UCS-2'],
  ])('%#: %s', (text, coding, parts) => {
    expect(splitSms(text)).toMatchObject({ coding });
    expect(splitSms(text).parts).toHaveLength(parts);
  });

  it('the parts are the text, none too long, no character torn apart', () => {
    const character = fc.constantFrom('a', '市', '😀', '€', '\n', '。', 'Z');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 400 }), (characters) => {
        const { coding, parts } = splitSms(characters.join(''));
        expect(parts.join('')).toBe(characters.join(''));
        const most = parts.length === 1 ? (coding === 'gsm' ? 160 : 70) : coding === 'gsm' ? 153 : 67;
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(most);
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('what is written into Gammu’s file is read back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (text) => {
        const file = writeBackup({ number: '13800138000', text, report: true, flash: false, reference: 5 });
        const parts = readBackup(file);
        expect(parts.map((part) => part.text).join('')).toBe(text);
        expect(parts.every(({ number }) => number === '13800138000')).toBe(true);
        expect(file).not.toContain('MessageReference');
      }),
    );
    const whole = writeBackup({ number: '1380', text: '市电', report: true, flash: false, reference: 5 });
    expect(readBackup(whole.slice(0, whole.indexOf('Length')))).toEqual([]);
  });
});

describe('the words of a text message', () => {
  it('never takes more parts than allowed, begins with the subject and ends with the code', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('电池约可用 23 分钟。', 'The battery lasts 23 minutes. '),
        fc.integer({ min: 0, max: 80 }),
        fc.constantFrom('zh' as const, 'en' as const),
        (most, sentence, times, language) => {
          const subject = language === 'zh' ? '紧急：市电中断' : 'URGENT: mains lost';
          const text = smsText({ ...MESSAGE, language, subject, body: sentence.repeat(times) }, most);
          expect(splitSms(text).parts.length).toBeLessThanOrEqual(most);
          expect(text.startsWith(subject)).toBe(true);
          expect(text.endsWith(language === 'zh' ? '回复 K7 确认' : 'Reply K7 to confirm')).toBe(true);
        },
      ),
    );
  });

  it('the link comes along where it fits, and never instead of the words', () => {
    const link = `https://zhishou.example/a/${'x'.repeat(60)}`;
    const act = { link, code: 'K7' };
    expect(smsText({ ...MESSAGE, act, body: '短' }, 3)).toContain(link);
    const long = smsText({ ...MESSAGE, act, body: '电池约可用 23 分钟。'.repeat(15) }, 3);
    expect(long).not.toContain(link);
    expect(long).toContain('回复 K7 确认');
  });

  it('an English text that is cut stays in the alphabet of 160 letters', () => {
    const text = smsText({ ...MESSAGE, language: 'en', subject: 'Mains lost', body: 'word '.repeat(300) }, 2);
    expect(splitSms(text)).toMatchObject({ coding: 'gsm' });
    expect(text).toContain('...');
  });

  it('says nothing of an answer where there is nothing to do', () => {
    expect(smsText({ ...MESSAGE, act: null, body: '' }, 3)).toBe(MESSAGE.subject);
  });
});
