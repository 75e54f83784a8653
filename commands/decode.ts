import { ZhishouError } from '#core/errors.ts';
import { inputLines, printLine } from '#platform/environment.ts';
import { decodeMqttLine } from '#services/collector/decode-mqtt.ts';
import { configDirectory, loadProfiles } from './configuration.ts';

/** `zhishou decode mqtt`: one JSON answer for each line of standard input, in order. */
export async function decode(protocol: string, options: { config: string | null }): Promise<void> {
  if (protocol !== 'mqtt') throw new ZhishouError('BAD_REQUEST', protocol, 'only mqtt can be decoded');
  const profiles = loadProfiles(configDirectory(options.config));
  for await (const line of inputLines()) {
    if (line.trim() !== '' && !(await printLine(JSON.stringify(decodeMqttLine(line, profiles))))) break;
  }
}
