import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SnmpType, Varbind } from '#core/ports.ts';

/** Recordings of real devices lie beside the repository, not in it; without them the suites that need them are skipped. */
export const RECORDINGS = join(import.meta.dirname, '../../../../shared/recordings');
export const haveRecordings = existsSync(join(RECORDINGS, 'snmp'));

const TYPES: Readonly<Record<string, SnmpType>> = {
  '2': 'Integer',
  '4': 'OctetString',
  '5': 'Null',
  '6': 'OID',
  '64': 'IpAddress',
  '65': 'Counter',
  '66': 'Gauge',
  '67': 'TimeTicks',
  '68': 'Opaque',
  '70': 'Counter64',
};

/** snmpsim's lines `OID|TAG|VALUE`; a tag with x has its value in hexadecimal. */
export function readRecording(name: string): Varbind[] {
  const text = readFileSync(join(RECORDINGS, 'snmp', `${name}.snmprec`), 'utf8');
  // Some were made on Windows.
  return text.split(/\r?\n/).flatMap((line): Varbind[] => {
    const match = /^([\d.]+)\|(\d+)(x?)\|(.*)$/.exec(line);
    const [, oid = '', tag = '', hex = '', content = ''] = match ?? [];
    const type = TYPES[tag];
    if (type === undefined) return [];
    if (type === 'OctetString' || type === 'Opaque') {
      const value = hex === '' ? new TextEncoder().encode(content) : new Uint8Array(Buffer.from(content, 'hex'));
      return [{ oid, type, value }];
    }
    if (type === 'OID' || type === 'IpAddress') return [{ oid, type, value: content.replace(/^\./, '') }];
    return [{ oid, type, value: Number(content) }];
  });
}

export interface ExpectedSensor {
  readonly oid: string;
  readonly class: string;
  readonly value: number;
  readonly unit: string;
  readonly descr: string;
  readonly suspect?: unknown;
  readonly raw: string;
  readonly state_label?: string | null;
  /** 0 well, 1 warning, 2 critical, 3 unknown. */
  readonly state_severity?: number | null;
}

export function readExpected(name: string): { category: string; vendor: string; sensors: ExpectedSensor[] } {
  return JSON.parse(readFileSync(join(RECORDINGS, 'snmp', `${name}.expected.json`), 'utf8'));
}
