import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { devicesFileSchema } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import type { ProbeResult } from '#core/survey.ts';
import { entryForUrl } from '#services/collector/entry-for-url.ts';
import { sampleProfiles } from './support/profiles.ts';

const told = (recognised: string | null, ...names: string[]): ProbeResult => ({
  recognised,
  points: names.map((name) => ({ name, value: 1, unit: '', quality: 'good', oid: null, raw: 1 })),
});

describe('the entry of devices.yaml for a device that was looked at', () => {
  it.each<[string, ProbeResult, object]>([
    [
      'snmp://10.0.0.5?community=public',
      told('rfc1628-ups', 'ups.status'),
      { id: 'ups-10-0-0-5', kind: 'ups', profile: 'rfc1628-ups', snmp: { host: '10.0.0.5', community: 'public' } },
    ],
    [
      'snmp://[fe80::1]:1161?community=hush&timeout=3s',
      told('apc-rpdu2', 'outlet.1.status'),
      { kind: 'pdu', snmp: { host: 'fe80::1', port: 1161, community: { env: 'SNMP_COMMUNITY' }, timeout: '3s' } },
    ],
    [
      'snmp://10.0.0.5?version=3&user=zhishou&auth=sha256&authKey=hush&priv=aes&privKey=hush',
      told('rfc1628-ups', 'ups.status'),
      {
        snmp: {
          ...{ host: '10.0.0.5', version: '3', user: 'zhishou', auth: 'sha256', priv: 'aes' },
          ...{ auth_key: { env: 'SNMP_AUTH_KEY' }, priv_key: { env: 'SNMP_PRIV_KEY' } },
        },
      },
    ],
    [
      'nut://me:hush@10.0.0.8/ups',
      told('nut-ups', 'ups.status'),
      { kind: 'ups', nut: { host: '10.0.0.8', ups: 'ups', user: 'me', password: { env: 'NUT_PASSWORD' } } },
    ],
    [
      'modbus://10.0.0.9:8899/3?framing=rtu&profile=xy-md02',
      told('xy-md02', 'ambient.temperature'),
      { kind: 'sensor', profile: 'xy-md02', modbus: { host: '10.0.0.9', port: 8899, unit: 3, framing: 'rtu' } },
    ],
    [
      'ydt://10.0.0.10:4001/2?version=20',
      told('ydt-ups', 'ups.status'),
      { kind: 'ups', ydt: { host: '10.0.0.10', port: 4001, address: 2, version: '20' } },
    ],
    [
      'ipmi://monitor:hush@10.0.0.11',
      told('ipmi', 'host.power'),
      { kind: 'server', ipmi: { host: '10.0.0.11', user: 'monitor', password: { env: 'IPMI_PASSWORD' } } },
    ],
    [
      'redfish://monitor:hush@10.0.0.12',
      told('redfish', 'psu.1.status'),
      { kind: 'server', redfish: { url: 'https://10.0.0.12', user: 'monitor', password: { env: 'REDFISH_PASSWORD' } } },
    ],
  ])('%s', (url, result, wanted) => {
    const text = entryForUrl(url, result, sampleProfiles());
    expect(text).not.toContain('hush');
    const { devices } = parse(text) as { devices: object[] };
    expect(devices).toMatchObject([wanted]);
    // As the loader hands it over: with the variables' values.
    const whole = JSON.parse(JSON.stringify(devices), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && 'env' in value ? new Secret('given') : value,
    ) as unknown;
    expect(devicesFileSchema.safeParse({ devices: whole }).error).toBeUndefined();
  });

  it('is empty where nothing is known', () => {
    expect(entryForUrl('snmp://10.0.0.5', told(null), sampleProfiles())).toBe('');
  });
});
