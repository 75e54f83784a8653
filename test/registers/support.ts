import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Config } from '#core/config/config.ts';
import type { FunctionName } from '#core/config/people.ts';
import { type Register, registerSchema } from '#core/config/register.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import type { Known } from '#core/paperwork/register-values.ts';
import { makeConfig as makeDashboardConfig } from '../dashboard-api/support.ts';

/** The sample's own forms, and small ones for what they do not have. */
export const SAMPLE_IDS = [
  ...[
    'core-room',
    'auxiliary-room',
    'decryption',
    'backup-upgrade',
    'lan-users',
    'repairs',
    'key-users',
    'changes',
    'supplies',
  ],
] as const;
export type SampleId = (typeof SAMPLE_IDS)[number];

export const sampleRegister = (id: SampleId): Register =>
  registerSchema.parse(parse(readFileSync(join('config', 'registers', `${id}.yaml`), 'utf8')));

export const makeRegister = (change: Record<string, unknown> = {}): Register =>
  registerSchema.parse({
    id: 'small',
    title: { zh: '小登记', en: 'Small register' },
    fields: [{ id: 'name', kind: 'text', label: 'Name', required: true, list: true }],
    states: [
      { id: 'open', label: 'open' },
      { id: 'closed', label: 'closed', final: true },
    ],
    moves: [{ id: 'close', label: 'Close', from: ['open'], to: 'closed' }],
    ...change,
  });

export function makeConfig(registers: readonly Register[] = SAMPLE_IDS.map(sampleRegister)): Config {
  return { ...makeDashboardConfig(), registers };
}

export const KNOWN: Known = {
  person: (id) =>
    ({ 'zhou-min': { zh: '周敏', en: 'Zhou Min' }, 'lin-hao': { zh: '林浩', en: 'Lin Hao' } })[id] ?? null,
  device: (id) => (id === 'ups-1' ? { zh: 'UPS 一号', en: 'UPS 1' } : null),
  entry: (_register, id) => id === '2026-0001',
};

export const WORDS = { known: KNOWN, zone: 'Asia/Shanghai' };

export const who = (change: Partial<Who> & { functions?: readonly FunctionName[] } = {}): Who => ({
  user: 'lin',
  name: 'Lin Hao',
  role: 'duty',
  person: 'lin-hao',
  functions: [],
  ...change,
});

export const DIRECTOR = who({
  user: 'zhou',
  name: 'Zhou Min',
  role: 'director',
  person: 'zhou-min',
  functions: ['director'],
});
export const DRAWING = 'M100 200L140 180L200 240M300 90L310 95L420 300';
