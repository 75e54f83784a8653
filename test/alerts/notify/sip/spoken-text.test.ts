import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spokenText, toSpeech } from '#services/alerts/notify/channels/sip/spoken-text.ts';
import { MESSAGE } from '../gammu/gammu.contract.ts';

describe('what is said on the telephone', () => {
  it('says who calls, what and where, and as many whole sentences as there is time for', () => {
    expect(spokenText(MESSAGE)).toBe(
      '这里是值守,机房告警电话。模拟, 紧急: 市电中断, U P S 一号。主机房 U P S 一号已切换电池供电, 负载 百分之62, 电池约可用 23 分钟。'.replace(
        '值守,',
        '值守，',
      ),
    );
    expect(
      spokenText({ ...MESSAGE, language: 'en', subject: '[DRILL] URGENT: mains lost (UPS-1)', body: 'Room 24.5 °C.' }),
    ).toBe(
      'This is Zhishou, an alarm call from the machine room. DRILL, urgent: mains lost, U P S 1. Room 24.5 degrees Celsius.'.replace(
        'DRILL',
        'drill',
      ),
    );
  });

  it.each<['zh' | 'en', string, string, string]>([
    ['zh', 'UPS-1 负载 62%', 'U P S 1 负载 百分之62', 'letters one by one, per cent as it is said'],
    ['zh', '室温 24.5 ℃', '室温 24点5摄氏度', 'the decimal point'],
    ['zh', '零下：-5 ℃', '零下: 零下5摄氏度', 'the sign'],
    ['en', 'at -5 °C', 'at minus 5 degrees Celsius', 'the sign'],
    ['zh', '03:05 恢复', '03点05分 恢复', 'the time of day'],
    ['zh', '负载 3.2 kW', '负载 3点2千瓦', 'units'],
    ['zh', '【演练】水浸（A3 机柜）', '演练, 水浸, A 3 机柜', 'brackets are pauses'],
    ['zh', '详见 https://zhishou.example/a/xyz', '详见', 'no links'],
    ['zh', '资产号 20231107', '资产号 2 0 2 3 1 1 0 7', 'a long number is a name'],
    ['en', 'UPS-1 at 62 %', 'U P S 1 at 62 percent', 'letters one by one'],
    ['en', 'NORMAL again', 'normal again', 'a word in capitals is a word'],
    ['en', '*** ALARM *** <b>x</b>', 'alarm b x, b', 'no punctuation soup'],
  ])('%s: %s → %s (%s)', (language, text, said) => {
    expect(toSpeech(text, language)).toBe(said);
  });

  it('whatever the message says, it is bounded and only letters, digits and pauses', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 2000 }), (subject, body) => {
        const said = spokenText({ ...MESSAGE, subject: subject.slice(0, 150), body });
        expect(said.length).toBeLessThan(1500);
        expect(said).toMatch(/^[\p{L}\p{N}\s.,:;!?，。：；！？、']+$/u);
      }),
    );
  });
});
