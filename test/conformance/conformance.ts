import { readExpected } from '../collector/support/snmprec.ts';
import { probeRecording, recordedDevices } from './read-recording.ts';
import { addToTally, emptyTally, matchedShare, measureDevice, type Tally } from './snmp-measure.ts';
import { tellMqtt } from './tell-mqtt.ts';

/**
 * `npm run conformance -- snmp [NAME…] [--all]`: how well the recorded devices are read, device by device and by category. With
 * names, or with --all, each value that does not agree is shown too.
 */
const [kind, ...rest] = process.argv.slice(2);
const named = rest.filter((word) => !word.startsWith('--'));
if (kind === 'snmp') await tellSnmp(named, rest.includes('--all'));
else if (kind === 'mqtt') tellMqtt(named, rest.includes('--all'));
else {
  console.error('usage: npm run conformance -- snmp|mqtt [NAME…] [--all]');
  process.exit(2);
}

async function tellSnmp(names: readonly string[], all: boolean): Promise<void> {
  const devices = recordedDevices().filter((name) => names.length === 0 || names.includes(name));
  if (devices.length === 0) {
    console.error('no such recording; they lie beside the repository, not in it');
    process.exit(2);
  }
  const categories = new Map<string, Tally>();
  const whole = emptyTally();
  for (const name of devices) {
    const { category, sensors } = readExpected(name);
    const result = await probeRecording(name);
    const verdicts = measureDevice(sensors, result);
    const own = emptyTally();
    for (const tally of [own, whole, categories.get(category) ?? emptyTally()]) {
      addToTally(tally, result.recognised !== null, verdicts);
      if (tally !== own && tally !== whole) categories.set(category, tally);
    }
    console.log(line(`${name} (${result.recognised ?? 'not recognised'})`, own));
    if (!all && names.length === 0) continue;
    for (const { sensor, verdict, told } of verdicts) {
      if (verdict === 'matched' && sensor.class !== 'state') continue;
      if (verdict === 'matched' && names.length === 0) continue;
      const expected =
        sensor.class === 'state' ? `${sensor.value} "${sensor.state_label ?? ''}"` : `${sensor.value} ${sensor.unit}`;
      console.log(
        `    ${verdict.padEnd(8)} ${sensor.oid} ${sensor.class} "${sensor.descr}" expected ${expected}${told === '' ? '' : `; told ${told}`}`,
      );
    }
  }
  console.log('');
  for (const [category, tally] of [...categories].sort()) console.log(line(category, tally));
  console.log(line('all', whole));
}

function line(title: string, tally: Tally): string {
  const { devices, recognised, matched, zero, wrong, absent, noValue } = tally;
  const share = (100 * matchedShare(tally)).toFixed(1).padStart(5);
  return `${title.padEnd(48)} ${share} %  matched ${matched} (${zero} of them 0)  wrong ${wrong}  no value ${noValue}  absent ${absent}${devices > 1 ? `  recognised ${recognised} of ${devices}` : ''}`;
}
