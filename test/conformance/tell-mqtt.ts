import {
  type MqttTally,
  measureFamily,
  mqttFamilies,
  mqttMatchedShare,
  tallyOf,
  type Verdict,
} from './mqtt-measure.ts';

/** `npm run conformance -- mqtt [FAMILY…] [--all]`: family by family; with names, or with --all, what does not agree. */
export function tellMqtt(names: readonly string[], all: boolean): void {
  const families = mqttFamilies().filter((name) => names.length === 0 || names.includes(name));
  if (families.length === 0) {
    console.error('no such recording; they lie beside the repository, not in it');
    process.exit(2);
  }
  const whole: Verdict[] = [];
  for (const family of families) {
    const verdicts = measureFamily(family);
    whole.push(...verdicts);
    console.log(line(family, tallyOf(verdicts)));
    if (all || names.length > 0) tellVerdicts(verdicts, names.length > 0);
  }
  console.log('');
  console.log(line('all', tallyOf(whole)));
}

function tellVerdicts(verdicts: readonly Verdict[], beside: boolean): void {
  for (const { message, expected, verdict, told } of verdicts) {
    if (verdict === 'matched' || verdict === 'rejected' || (verdict === 'beside' && !beside)) continue;
    const wanted =
      expected === null
        ? ''
        : ` expected ${expected.device} ${expected.point} ${expected.channel ?? ''} = ${String(expected.value)} ${expected.unit ?? ''}${expected.optional ? ' (optional)' : ''};`;
    console.log(`    ${verdict.padEnd(16)} ${message.id} ${message.topic}:${wanted} told ${told}`);
  }
}

function line(title: string, tally: MqttTally): string {
  const share = (100 * mqttMatchedShare(tally)).toFixed(1).padStart(5);
  const { matched, wrong, absent, optionalAbsent, rejected, falselyAccepted, notRejected, beside } = tally;
  return `${title.padEnd(26)} ${share} %  matched ${matched}  wrong ${wrong}  absent ${absent} (and ${optionalAbsent} secondary)  bad ones: rejected ${rejected}  falsely accepted ${falselyAccepted}  without reason ${notRejected}  beside ${beside}`;
}
