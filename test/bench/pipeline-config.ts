import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLE_CONFIG } from '#commands/configuration.ts';

/** The same devices for both: thirty numbers each, read by name from one table of a made-up maker. */
export const POINTS = 30;
/** Beneath the number that RFC 5612 keeps for documentation. */
export const BASE_OID = '1.3.6.1.4.1.32473.1';
export const pointName = (point: number): string => `ambient.${point + 1}.temperature`;
export const deviceName = (device: number): string => `device-${device + 1}`;

const instance = (point: number): string => `${BASE_OID}.${point + 1}.0`;
const numbers = Array.from({ length: POINTS }, (_, point) => point);

/** A site that is no simulation, with a rule that looks at every device. JSON is YAML. */
export function writeOurConfig(folder: string, ports: readonly number[], everyS: number): void {
  for (const name of ['people.yaml', 'rota.yaml', 'calendar.yaml'])
    cpSync(join(SAMPLE_CONFIG, name), join(folder, name));
  const site = readFileSync(join(SAMPLE_CONFIG, 'site.yaml'), 'utf8');
  writeFileSync(join(folder, 'site.yaml'), site.replace(/^simulation: true$/m, 'simulation: false'));
  for (const name of ['rules', 'profiles', 'plans']) mkdirSync(join(folder, name));
  const put = (name: string, content: object): void => writeFileSync(join(folder, name), JSON.stringify(content));
  put('devices.yaml', {
    devices: ports.map((port, device) => ({
      id: deviceName(device),
      name: { zh: `设备 ${device + 1}`, en: `Device ${device + 1}` },
      kind: 'sensor',
      profile: 'bench',
      snmp: { host: '127.0.0.1', port, version: '2c', community: 'public' },
      interval: `${everyS}s`,
    })),
  });
  put('profiles/bench.yaml', {
    id: 'bench',
    title: 'Made-up sensors of the bench',
    documents: ['made up'],
    snmp: {
      points: numbers.map((point) => ({
        point: pointName(point),
        oid: instance(point),
        scale: 0.1,
        unit: '°C',
        source: 'made up',
      })),
    },
  });
  put('rules/bench.yaml', {
    rules: [
      {
        id: 'temperature-high',
        title: { zh: '温度高', en: 'Temperature high' },
        on: { devices: ports.map((_, device) => deviceName(device)) },
        when: { point: pointName(0), above: 60, clear: 55 },
        for: '5m',
        severity: 'medium',
        notify: ['duty'],
        consequence: { zh: '样本', en: 'Sample' },
        response: { zh: '样本', en: 'Sample' },
        respond_within: '30m',
        source: 'made up',
        obligations: [],
      },
    ],
  });
}

/** A module of prometheus-snmp-exporter 0.21: one GET of all thirty. */
export const exporterConfig = (): string =>
  JSON.stringify({
    bench: {
      version: 2,
      auth: { community: 'public' },
      timeout: '2s',
      retries: 0,
      get: numbers.map(instance),
      metrics: numbers.map((point) => ({
        name: `bench_${point + 1}`,
        oid: `${BASE_OID}.${point + 1}`,
        type: 'gauge',
        help: 'made up',
      })),
    },
  });

export const prometheusConfig = (ports: readonly number[], everyS: number, exporter: string): string =>
  JSON.stringify({
    global: { scrape_interval: `${everyS}s`, scrape_timeout: `${everyS}s` },
    scrape_configs: [
      {
        job_name: 'bench',
        metrics_path: '/snmp',
        params: { module: ['bench'] },
        static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`) }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__param_target'], target_label: 'instance' },
          { target_label: '__address__', replacement: exporter },
        ],
      },
    ],
  });
