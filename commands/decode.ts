import { ZhishouError } from '#core/errors.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { inputLines, printLine } from '#platform/environment.ts';
import { createMqttDecoder } from '#services/collector/decode-mqtt.ts';
import { configDirectory, loadProfiles } from './configuration.ts';

/** `zhishou decode mqtt`: one JSON answer for each line of standard input, in order; births and units are remembered for the run. */
export async function decode(protocol: string, options: { config: string | null }): Promise<void> {
  if (protocol !== 'mqtt') throw new ZhishouError('BAD_REQUEST', protocol, 'only mqtt can be decoded');
  const clock = createSystemClock();
  const decoder = createMqttDecoder(loadProfiles(configDirectory(options.config)), () => clock.now());
  for await (const line of inputLines()) {
    if (line.trim() !== '' && !(await printLine(JSON.stringify(decoder.line(line))))) break;
  }
}
