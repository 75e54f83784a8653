import { broken, kept, type Verdict } from './evidence.ts';

/** I8: the same seed gives the same journal, byte for byte. */
export function checkDeterminism([first, second]: readonly [string, string]): Verdict {
  if (first === second) return kept('I8', `two runs, ${first.length} characters of journal each, all equal`);
  let at = 0;
  while (at < first.length && first[at] === second[at]) at++;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 60), at + 100));
  return broken('I8', `the journals differ from character ${at} on: ${around(first)} against ${around(second)}`);
}
