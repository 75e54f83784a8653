import type { Config } from '#core/config/config.ts';
import { type Action, type Device, deviceSchema } from '#core/config/device.ts';
import { profileSchema } from '#core/config/profile.ts';
import { Secret } from '#core/secret.ts';
import { createSnmpSetDriver } from '#services/alerts/actions/snmp-set-driver.ts';
import { createInMemoryFaces, type InMemoryFaces } from '#simulators/in-memory.ts';
import { sampleConfig, sampleRoom, sampleSpec } from '../../simulators/sample-room.ts';
import type { DriverSubject } from './driver.contract.ts';

/** The drivers of the simulated room: the same promises, on its own clock. */

const MAC = '02:00:00:00:00:11';
const BMC = { user: 'zhishou', password: new Secret('bmc-pass-42') };
export const IPMI = { host: '127.0.0.1', port: 20631, ...BMC, cipher: 3, level: 'operator' } as const;
export const REDFISH = { url: 'http://127.0.0.1:20231', ...BMC, auth: 'basic' } as const;

const ESTIMATE = { estimate: '2m', verify: [{ tcp: { host: '127.0.0.1', port: 20221 }, is: 'closed' }] };

/** server-1 with every way to switch it. */
export function siteWithControllers(): Pick<Config, 'site' | 'devices'> {
  const { site, devices } = sampleConfig();
  return { site, devices: devices.map((device) => (device.id === 'server-1' ? withController(device) : device)) };
}

/** Through the schema, so that defaults are filled in. */
function withController(device: Device): Device {
  const otherwise = [{ ipmi: { ...IPMI, power: 'soft' } }, { redfish: { ...REDFISH, reset: 'ForceOff' } }];
  const { shutdown, start } = deviceSchema.parse({
    ...{ id: device.id, name: 'Server 1', kind: 'server' },
    shutdown: { by: device.shutdown?.by, otherwise, ...ESTIMATE },
    start: { by: { wake: { mac: MAC, broadcast: '127.0.0.1', port: 9 } }, ...ESTIMATE },
  });
  return { ...device, ...(shutdown === undefined ? {} : { shutdown }), ...(start === undefined ? {} : { start }) };
}

function bench(): {
  faces: InMemoryFaces;
  base: Pick<DriverSubject, 'effects' | 'virtual' | 'stop'>;
  config: Pick<Config, 'devices'>;
} {
  const config = siteWithControllers();
  const { room, clock } = sampleRoom({ config, simulation: sampleSpec() });
  const faces = createInMemoryFaces(room, { config, clock });
  return {
    config,
    faces,
    base: {
      virtual: clock,
      effects: () => room.truth().commands.length,
      stop: async () => {
        faces.stop();
        room.stop();
      },
    },
  };
}

export async function simulatedSsh(): Promise<DriverSubject> {
  const { faces, base, config } = bench();
  const by = config.devices.find((one) => one.id === 'server-1')?.shutdown?.by as Extract<Action, { ssh: unknown }>;
  const ssh = (more: object = {}): Action => ({ ssh: { ...by.ssh, ...more } });
  return {
    ...base,
    driver: () => faces.ssh,
    action: ssh(),
    refused: ssh({ user: 'somebody' }),
    silent: null,
    absent: ssh({ port: 9 }),
  };
}

export async function simulatedIpmi(): Promise<DriverSubject> {
  const { faces, base } = bench();
  const ipmi = (more: object = {}): Action => ({ ipmi: { ...IPMI, power: 'off', ...more } });
  return {
    ...base,
    driver: () => faces.ipmi,
    action: ipmi(),
    refused: ipmi({ password: new Secret('not-this-one') }),
    silent: ipmi({ port: 9 }),
    absent: ipmi({ port: 9 }),
  };
}

export async function simulatedRedfish(): Promise<DriverSubject> {
  const { faces, base } = bench();
  const redfish = (more: object = {}): Action => ({ redfish: { ...REDFISH, reset: 'ForceOff', ...more } });
  return {
    ...base,
    driver: () => faces.redfish,
    action: redfish(),
    refused: redfish({ password: new Secret('not-this-one') }),
    silent: null,
    absent: redfish({ url: 'http://127.0.0.1:9' }),
  };
}

const OUTLET = '1.3.6.1.4.1.318.1.1.26.9.2.4.1.5';
const PDU = profileSchema.parse({
  id: 'apc-rpdu2',
  controls: { 'outlet.off': { oid: `${OUTLET}.{index}`, type: 'Integer', value: 2, source: 'PowerNet-MIB' } },
});

export async function simulatedSnmpSet(): Promise<DriverSubject> {
  const { faces, base, config } = bench();
  const pdu = config.devices.find((one) => one.id === 'pdu-1');
  const deaf = { ...pdu, id: 'pdu-deaf', snmp: { ...pdu?.snmp, port: 9 } } as Device;
  const devices = [...config.devices, deaf];
  const set = (device: string): Action => ({ snmp_set: { device, control: 'outlet.off', index: 6 } });
  return {
    ...base,
    driver: (clock) => createSnmpSetDriver({ config: { devices, profiles: [PDU] }, transport: faces.snmp, clock }),
    action: set('pdu-1'),
    refused: null,
    silent: set('pdu-deaf'),
    absent: set('pdu-nowhere'),
  };
}

export async function simulatedWake(): Promise<DriverSubject> {
  const { faces, base } = bench();
  return {
    ...base,
    driver: () => faces.wake,
    action: { wake: { mac: MAC, broadcast: '127.0.0.1', port: 9 } },
    refused: null,
    silent: null,
    absent: null,
  };
}
