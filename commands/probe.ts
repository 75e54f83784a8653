import { messageOf, ZhishouError } from '#core/errors.ts';
import type { ProbeResult } from '#core/survey.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { printLine, setExitCode } from '#platform/environment.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { openDeviceLinks } from '#services/collector/device-links.ts';
import { probe } from '#services/collector/probe.ts';
import { configDirectory, loadProfiles } from './configuration.ts';

/** `zhishou probe snmp://HOST:PORT?community=NAME [--json]`, or another way's address. */
export async function probeCommand(url: string, options: { config: string | null; json?: boolean }): Promise<void> {
  try {
    const result = await probe(url, {
      snmp: createSnmpTransport(),
      links: openDeviceLinks(),
      clock: createSystemClock(),
      profiles: loadProfiles(configDirectory(options.config)),
    });
    if (options.json === true) await printLine(JSON.stringify(result));
    else for (const line of asLines(result)) await printLine(line);
  } catch (error) {
    setExitCode(1);
    const code = error instanceof ZhishouError ? error.code : 'INVARIANT';
    if (options.json === true) {
      await printLine(JSON.stringify({ recognised: null, points: [], error: code, detail: messageOf(error) }));
    } else {
      await printLine(messageOf(error));
    }
  }
}

function asLines({ recognised, points, behind }: ProbeResult): string[] {
  if (behind !== undefined) {
    if (behind.length === 0) return ['there is nothing to read behind it'];
    return behind.map(({ address, description }) => `${address}  ${description}`);
  }
  const names = points.map((point) => point.name.length);
  const width = Math.max(0, ...names) + 2;
  return [
    `profile: ${recognised ?? 'none fits; shown are the standard objects that answered'}`,
    ...points.map(({ name, value, unit, quality, reason, oid, raw }) => {
      const shown = value === null ? '–' : `${value}${unit === '' ? '' : ` ${unit}`}`;
      const doubt = quality === 'good' ? '' : `  ${quality}${reason === undefined ? '' : `: ${reason}`}`;
      return `${name.padEnd(width)}${shown.padEnd(20)} ${oid ?? ''} raw ${String(raw)}${doubt}`;
    }),
  ];
}
