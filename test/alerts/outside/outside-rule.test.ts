import { describe, expect, it } from 'vitest';
import { outsideSchema } from '#core/config/outside.ts';
import type { OutsideAlert } from '#core/outside-alert.ts';
import { createSubjects, ruleFor, ruleIdOf, severityOf, slug } from '#services/alerts/outside/outside-rule.ts';

const alert = (labels: Record<string, string>, annotations: Record<string, string> = {}): OutsideAlert => ({
  fingerprint: '1a30ba71cca2921f',
  status: 'firing',
  labels,
  annotations,
  startsAt: '2026-11-23T02:00:00Z',
  receivedAt: '2026-11-23T02:00:00.000Z',
  from: 'prometheus',
});

describe('what an alert from outside is for us', () => {
  it.each<[string | undefined, Record<string, string> | undefined, string]>([
    ['critical', undefined, 'high'],
    ['CRITICAL', undefined, 'high'],
    ['warning', undefined, 'medium'],
    ['info', undefined, 'low'],
    [undefined, undefined, 'medium'],
    ['sev1', undefined, 'medium'],
    ['sev1', { sev1: 'high' }, 'high'],
  ])('severity %s with the table %j is %s', (severity, severities, expected) => {
    const config = outsideSchema.parse(severities === undefined ? {} : { severities });
    expect(severityOf(alert(severity === undefined ? {} : { severity }), config)).toBe(expected);
  });

  it.each<[string, string]>([
    ['DiskFull', 'outside-disk-full-high'],
    ['磁盘满', `outside-${slug('磁盘满', 40)}-high`],
    ['', `outside-${slug('', 40)}-high`],
    ['x'.repeat(200), `outside-${'x'.repeat(40)}-high`],
    ['../../#+', `outside-${slug('../../#+', 40)}-high`],
  ])('%s has the rule %s, whose id is an id', (alertname, expected) => {
    const id = ruleIdOf(alert({ alertname }), 'high');
    expect(id).toBe(expected);
    expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
  });

  it('its words are the annotations, in both languages where they are given, cut where they are long', () => {
    const config = outsideSchema.parse({ notify: ['network-administrator'] });
    const both = ruleFor(alert({ alertname: 'A' }, { summary_zh: '磁盘满', summary_en: 'disk full' }), 'high', config);
    expect(both).toMatchObject({ title: { zh: '磁盘满', en: 'disk full' }, notify: ['network-administrator'] });
    const one = ruleFor(alert({ alertname: 'A' }, { summary: 'x'.repeat(5000), description: 'd' }), 'low', config);
    expect(one.title.zh.length).toBe(120);
    expect(one.consequence).toEqual({ zh: 'd', en: 'd' });
    const none = ruleFor(alert({ alertname: 'A', instance: 'web-1:9100' }), 'low', config);
    expect(none.title.en).toBe('A web-1:9100');
    expect(none.response.zh).not.toBe('');
  });

  it.each<[Record<string, string>, string]>([
    [{ instance: '10.1.2.3:9100' }, 'server-1'],
    [{ instance: 'http://10.1.2.3/metrics' }, 'server-1'],
    [{ instance: 'BMC.example:443' }, 'server-1'],
    [{ instance: '[fe80::1]:9100' }, 'ups-1'],
    [{ instance: 'ups-1' }, 'ups-1'],
    [{ device: 'ups-1', instance: '10.1.2.3' }, 'ups-1'],
    [{ device: 'nothing', instance: '10.1.2.3' }, 'server-1'],
    [{ instance: '10.9.9.9:9100' }, '10-9-9-9'],
    [{ instance: 'localhost:9090' }, 'localhost'],
    [{}, 'outside'],
  ])('%j is about %s', (labels, expected) => {
    const devices = [
      {
        id: 'server-1',
        snmp: { host: '10.1.2.3' },
        redfish: { url: 'https://bmc.example' },
        reach: { host: '127.0.0.1' },
      },
      { id: 'ups-1', nut: { host: 'fe80::1', port: 3493 } },
    ];
    expect(createSubjects({ devices } as never)(alert(labels))).toBe(expected);
  });
});
