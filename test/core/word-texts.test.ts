import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALARMS, WITHIN_ALARMS } from '#core/alarm-words.ts';
import { POINTS, UPS_STATUS_TOKENS } from '#core/points.ts';
import { STATES } from '#core/state-words.ts';
import { wordText, wordTexts } from '#core/word-texts.ts';
import { OF_POINTS } from '#core/words-of-points.ts';
import { profileWords } from '../support/profile-vocabulary.ts';

describe('words of devices', () => {
  it.each([
    // The same word of different things.
    ['open', 'breaker.3.status', '分闸', 'open'],
    ['closed', 'breaker.3.status', '合闸', 'closed'],
    ['open', 'battery.breaker.status', '分闸', 'open'],
    ['open', 'door.1.status', '打开', 'open'],
    ['closed', 'door.1.status', '关闭', 'closed'],
    ['open', 'contact.4.status', '断开', 'open'],
    ['on', 'outlet.3.status', '通电', 'on'],
    ['on', 'compressor.1.status', '运行', 'on'],
    ['on', 'rectifier.1.status', '开', 'on'],
    ['low', 'ambient.1.temperature.status', '偏低', 'low'],
    ['low', 'battery.status', '电量低', 'low'],
    ['boost', 'output.source.status', '升压', 'boost'],
    ['boost', 'charger.status', '均充', 'equalising'],
    ['failed', 'ups.test.result', '未通过', 'failed'],
    ['failed', 'rectifier.1.status', '故障', 'failed'],
    ['none', 'device.alarms', '无告警', 'no alarm'],
    ['none', 'output.source.status', '无', 'none'],
    // Put together.
    ['fan-1-failed', 'device.alarms', '风机 1 故障', 'fan 1 failed'],
    ['bypass-input-out-of-range', 'device.alarms', '旁路输入超出范围', 'bypass input out of range'],
    ['battery-temperature-sensor-fault', 'device.alarms', '电池温度传感器故障', 'battery temperature sensor fault'],
    ['ups-3-overload', 'device.alarms', 'UPS 3 过载', 'UPS 3 overload'],
    // As devices write them.
    ['No test yet', 'ups.test.result', '尚未测试', 'no test yet'],
    ['HIGH_CRITICAL', 'ambient.1.temperature.status', '严重偏高', 'critically high'],
  ])('%s of %s is %s', (word, point, zh, en) => {
    expect(wordText(word, point)).toEqual({ zh, en });
  });

  it.each([
    ['AL4000', 'charger.model'],
    ['bypass', 'device.model'],
    ['Smart-UPS 3000 XL', 'device.model'],
    ['quux-fault', 'device.alarms'],
    ['7', 'device.status'],
    ['L1', 'device.status'],
  ])('%s of %s stays as the device says it', (word, point) => {
    expect(wordText(word, point)).toEqual({ zh: word, en: word });
  });

  it('of a set come in its order', () => {
    expect(wordTexts('fan-1 overload  water-leak', 'device.alarms').map(({ zh }) => zh)).toEqual([
      '风机 1',
      '过载',
      '漏水',
    ]);
  });

  /** Marks on the device itself, and names. */
  const AS_THEY_ARE: Readonly<Record<string, string>> = {
    IBP: 'a position of a maintenance bypass',
    ISS: 'a position of a maintenance bypass',
    MBP: 'a position of a maintenance bypass',
    MSS: 'a position of a maintenance bypass',
    HTTP: 'a protocol',
    HTTPS: 'a protocol',
    'M-Bus': 'a bus',
    'Modbus RTU': 'a bus',
    'Modbus TCP': 'a bus',
  };
  const isModel = (point: string): boolean => point.endsWith('.model');

  it('have a Chinese text, whatever a profile can say, but for the models', () => {
    expect(profileWords.length).toBeGreaterThan(1000);
    const untold = profileWords.filter(([word, point]) => {
      const { zh } = wordText(word, point);
      return point !== 'ups.status' && !isModel(point) && !/[\u4e00-\u9fff]/.test(zh) && !(zh in AS_THEY_ARE);
    });
    expect(untold.map((row) => row.join(' of '))).toEqual([]);
  });

  it('mix no English into the Chinese', () => {
    const LETTERS = /^(UPS|SPoT|RS485|Bus|M|S\d|E|[A-Z]|I\/O)$/;
    const mixed = profileWords.filter(
      ([word, point]) =>
        /[\u4e00-\u9fff]/.test(wordText(word, point).zh) &&
        [...wordText(word, point).zh.matchAll(/[A-Za-z][\w/]*/g)].some(([latin]) => !LETTERS.test(latin)),
    );
    expect(mixed).toEqual([]);
  });

  it('have one for each word of the registry', () => {
    const untold = POINTS.flatMap(({ pattern, words = [] }) =>
      words
        .filter((word) => pattern !== 'ups.status' && !/[\u4e00-\u9fff]/.test(wordText(word, pattern).zh))
        .map((word) => `${word} of ${pattern}`),
    );
    expect(untold).toEqual([]);
    expect(UPS_STATUS_TOKENS).toContain('OB');
  });

  it('English ones are words: no hyphened code reaches people', () => {
    const coded = profileWords
      .filter(([, point]) => point !== 'ups.status' && !isModel(point))
      .map(([word, point]) => wordText(word, point).en)
      .filter((en) => /[a-z]-[a-z]+-|_/.test(en));
    expect(coded).toEqual([]);
  });

  it('the tables are in both languages, each in its own', () => {
    for (const table of [STATES, ALARMS, WITHIN_ALARMS, OF_POINTS])
      for (const [word, row] of Object.entries(table)) {
        const [zh, en] = typeof row === 'string' ? [row, word] : row;
        expect(zh, word).toMatch(/[\u4e00-\u9fff]|^[A-Z][\w -]*$/);
        expect(en, word).not.toMatch(/[\u4e00-\u9fff]/);
      }
  });

  it('never throws and never says nothing', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), fc.string({ maxLength: 40 }), (word, point) => {
        const { zh, en } = wordText(word, point);
        return zh.length > 0 && en.length > 0;
      }),
    );
  });
});
