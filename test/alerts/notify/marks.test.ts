import { expect, it } from 'vitest';
import { marked } from '#services/alerts/notify/marks.ts';

const request = (subject: string, body: string, drill = false) => ({
  ...{ subject: { zh: subject, en: subject }, body: { zh: body, en: body } },
  ...{ drill, simulated: false },
});

it.each([
  [
    '切断电源？',
    '切断电源？\n看到火就选“切断”。',
    '看到火就选“切断”。',
    'a question stands in the subject: the body begins with what to look at',
  ],
  ['何时恢复？', '机房停电。\n何时恢复？\n电话：100。', '机房停电。\n电话：100。', 'also further down'],
  ['只有一句', '只有一句', '只有一句', 'a body is never empty'],
  ['主题', '正文里有主题两个字', '正文里有主题两个字', 'only whole lines'],
])('what the subject says is not said again: %s', (subject, body, expected, _why) => {
  expect(marked(request(subject, body), 'zh').body).toBe(expected);
  expect(marked(request(subject, body, true), 'zh').body).toBe(`【演练】${expected}`);
});
