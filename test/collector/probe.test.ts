import { describe, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { probe } from '#services/collector/probe.ts';
import { parseProbeUrl } from '#services/collector/probe-snmp.ts';
import { createFakeAgent, octets, oidValue, upsObjects } from './support/fake-agent.ts';
import { sampleProfiles } from './support/profiles.ts';

const profiles = sampleProfiles();

describe('probing a device', () => {
  it('says what it is and what it tells, with unit, quality, object and raw value', async () => {
    const { transport } = createFakeAgent(upsObjects());
    const result = await probe('snmp://127.0.0.1:1161?community=public', { snmp: transport, profiles });
    expect(result.recognised).toBe('rfc1628-ups');
    const oid = '1.3.6.1.2.1.33.1.2.3.0';
    expect(result.points).toContainEqual({
      name: 'battery.runtime',
      value: 3600,
      unit: 's',
      quality: 'good',
      oid,
      raw: 60,
    });
  });

  it('of an unknown kind tells at least what it calls itself', async () => {
    const { transport } = createFakeAgent([
      octets('1.3.6.1.2.1.1.1.0', 'Toaster 9'),
      oidValue('1.3.6.1.2.1.1.2.0', '1.3.6.1.4.1.7'),
    ]);
    const result = await probe('snmp://127.0.0.1', { snmp: transport, profiles });
    expect(result).toMatchObject({ recognised: null, points: [{ name: 'device.model', value: 'Toaster 9' }] });
  });

  it('keeps the readings of a sick device apart from the good ones (L5, L36)', async () => {
    const agent = createFakeAgent(upsObjects());
    agent.put('1.3.6.1.2.1.33.1.2.3.0', 'Integer', 65_535);
    const { points } = await probe('snmp://127.0.0.1', { snmp: agent.transport, profiles });
    const runtime = points.find((point) => point.name === 'battery.runtime');
    expect(runtime).toMatchObject({ value: null, quality: 'missing', raw: 65_535 });
    expect(runtime?.reason).toContain('ceiling');
  });
});

describe('an address to probe', () => {
  it.each([
    ['snmp://10.0.0.5?community=public', { host: '10.0.0.5', port: 161, version: '2c', community: 'public' }],
    [
      'snmp://ups.example:1161?version=1&community=x&timeout=500ms&retries=0',
      { port: 1161, version: '1', timeout: 500, retries: 0 },
    ],
    ['snmp://[::1]:161?community=x', { host: '::1' }],
  ])('%s', (url, expected) => {
    expect(parseProbeUrl(url)).toMatchObject(expected);
  });

  it('with v3 keeps its keys secret', () => {
    const parsed = parseProbeUrl('snmp://10.0.0.5?user=u&auth=sha256&authKey=one-secret&priv=aes&privKey=two-secret');
    expect(parsed.version).toBe('3');
    expect(parsed.auth_key).toBeInstanceOf(Secret);
    expect(JSON.stringify(parsed)).not.toContain('secret-');
    expect(JSON.stringify(parsed)).not.toContain('two-secret');
  });

  it.each([
    ['not an address', 'nonsense'],
    ['another protocol', 'http://10.0.0.5'],
    ['an unknown option', 'snmp://10.0.0.5?comunity=x'],
    ['an unknown version', 'snmp://10.0.0.5?version=4'],
    ['a bad timeout', 'snmp://10.0.0.5?timeout=5'],
  ])('refuses %s with a hint', async (_title, url) => {
    await expect(probe(url, { snmp: createFakeAgent().transport, profiles })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});
