import type { NutDoor, NutSession } from '#platform/nut/nut-listener.ts';
import { encodeWord, type NutLine, quoteWord } from '#platform/nut/nut-words.ts';
import type { Room } from '../room.ts';

/**
 * A NUT server (RFC 9271) in front of the simulated room's UPSes, as an administrator would have one: reading only. The room's points
 * are NUT's variables already; a UPS that does not answer is what upsd calls stale.
 */
export interface NutFaceOptions {
  readonly room: Pick<Room, 'points'>;
  /** The server's name of a UPS → the room's device. */
  readonly upses: ReadonlyMap<string, string>;
}

/** Points that NUT has under another name, or not at all. */
const OTHER_NAMES: Readonly<Record<string, string | null>> = {
  'device.firmware': 'ups.firmware',
  'device.alarms': null,
  'battery.status': null,
  'output.source.status': null,
  'ups.alarm.count': null,
};

export function nutDoor(options: NutFaceOptions): NutDoor {
  return {
    open: (): NutSession => ({
      settled: false,
      answer: (line) => {
        const closing = 'words' in line && line.words[0]?.toUpperCase() === 'LOGOUT';
        return { text: answerTo(options, line), close: closing };
      },
      ended: () => {},
    }),
    rejected: () => {},
  };
}

function answerTo({ room, upses }: NutFaceOptions, line: NutLine): string {
  if ('problem' in line) return 'ERR INVALID-ARGUMENT\n';
  const [command = '', what = '', ups = '', name] = line.words;
  switch (`${command} ${what}`.trim().toUpperCase()) {
    case 'LOGOUT':
      return 'OK Goodbye\n';
    case 'LIST UPS':
      return framed(
        'UPS',
        [...upses.keys()].map((one) => `UPS ${encodeWord(one)} ${quoteWord('Simulated')}`),
      );
    case 'LIST VAR':
    case 'GET VAR':
      break;
    default:
      return /^(USERNAME|PASSWORD)$/i.test(command) ? 'OK\n' : 'ERR UNKNOWN-COMMAND\n';
  }
  const device = upses.get(ups);
  if (device === undefined) return 'ERR UNKNOWN-UPS\n';
  const variables = variablesOf(room, device);
  if (variables === null) return 'ERR DATA-STALE\n';
  const say = (variable: string, value: string): string => `VAR ${encodeWord(ups)} ${variable} ${quoteWord(value)}`;
  if (command.toUpperCase() === 'LIST')
    return framed(
      `VAR ${encodeWord(ups)}`,
      [...variables].map(([variable, value]) => say(variable, value)),
    );
  const value = variables.get(name ?? '');
  return value === undefined ? 'ERR VAR-NOT-SUPPORTED\n' : `${say(name ?? '', value)}\n`;
}

const framed = (query: string, rows: readonly string[]): string =>
  [`BEGIN LIST ${query}`, ...rows, `END LIST ${query}`, ''].join('\n');

/** Null: the UPS does not answer. */
function variablesOf(room: Pick<Room, 'points'>, device: string): ReadonlyMap<string, string> | null {
  const table = room.points(device);
  if (table === null) return null;
  const variables = new Map<string, string>();
  for (const [place, point] of table.names.entries()) {
    const value = table.values[place] ?? null;
    const variable = Object.hasOwn(OTHER_NAMES, point) ? (OTHER_NAMES[point] ?? null) : point;
    if (value !== null && variable !== null) variables.set(variable, String(value));
  }
  const alarms = table.values[table.names.indexOf('device.alarms')];
  if (typeof alarms !== 'string' || alarms === 'none') return variables;
  // As NUT's drivers say it: words of their own, and ALARM before the state.
  variables.set(
    'ups.alarm',
    alarms
      .split(' ')
      .map((alarm) => `[${alarm}]`)
      .join(' '),
  );
  const status = variables.get('ups.status');
  if (status !== undefined && !status.includes('ALARM')) variables.set('ups.status', `ALARM ${status}`);
  return variables;
}
