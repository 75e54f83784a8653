import { type Device, deviceSchema } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import type { Blueprint, MachineDraft, UpsDraft } from './blueprint.ts';
import type { SampleSite } from './sample-site.ts';

/** The devices of a case, as devices.yaml would have them, through the same schema. */

const HOST = '127.0.0.1';
/** TEST-NET-3 (RFC 5737): stands for real equipment, which no drill may reach. */
const STRAY_HOST = '203.0.113.9';
const SNMP_PORT = 20_161;
const SSH_PORT = 21_000;
const PASSWORD = new Secret('simulated');
const HOST_KEY = `SHA256:${'A'.repeat(43)}`;
/** Outlets of one PDU; a UPS with more machines behind it has more PDUs. */
const OUTLETS = 24;
/** Below this an outlet carries a machine that is off; above the other one that runs. */
const OFF_WATTS = 15;
const ON_WATTS = 50;

const BMC_PORT = 24_000;

/** Where each machine is plugged in, by machine and supply: `pdu-1/3`. */
export function outletsOf(
  draft: Pick<Blueprint, 'upses' | 'machines' | 'monitor'>,
): ReadonlyMap<string, readonly string[]> {
  const used = draft.upses.map(() => 0);
  const plugs = new Map<string, string[]>();
  const plug = (ups: number): string => {
    const nth = used[ups] ?? 0;
    used[ups] = nth + 1;
    return `${pduId(ups, Math.floor(nth / OUTLETS))}/${(nth % OUTLETS) + 1}`;
  };
  for (const machine of draft.machines) plugs.set(machine.id, machine.feeds.map(plug));
  if (draft.monitor) plugs.set('monitor-1', [plug(0)]);
  return plugs;
}

export const pduId = (ups: number, nth: number): string => (nth === 0 ? `pdu-${ups + 1}` : `pdu-${ups + 1}-${nth + 1}`);

/** The PDUs in use, each with its UPS and its number of outlets. */
export function pdusOf(draft: Blueprint): readonly { id: string; ups: number; outlets: number }[] {
  const most = new Map<string, number>();
  for (const plugs of outletsOf(draft).values())
    for (const plug of plugs) {
      const [id = '', outlet = '0'] = plug.split('/');
      most.set(id, Math.max(most.get(id) ?? 0, Number(outlet)));
    }
  return [...most].map(([id, outlets]) => ({ id, ups: Number(id.split('-')[1]) - 1, outlets: Math.max(2, outlets) }));
}

export function buildDevices(draft: Blueprint, sample: SampleSite): Device[] {
  const plugs = outletsOf(draft);
  let port = SNMP_PORT;
  const made: object[] = draft.upses.map((ups) => upsDevice(ups, port++));
  for (const pdu of pdusOf(draft))
    made.push({
      id: pdu.id,
      name: pdu.id,
      kind: 'pdu',
      profile: 'apc-rpdu2',
      snmp: { host: HOST, port: port++, version: '2c', community: 'private' },
      interval: `${draft.upses[pdu.ups]?.intervalS ?? 10}s`,
      power: { feeds: [`ups-${pdu.ups + 1}`] },
    });
  for (const [index, machine] of draft.machines.entries())
    made.push(machineDevice(machine, plugs.get(machine.id) ?? [], SSH_PORT + index, draft.emergencyOff));
  if (draft.monitor) made.push(monitorDevice(plugs.get('monitor-1') ?? [], draft));
  const sensors = draft.sensors ? sample.config.devices.filter(isSurrounding) : [];
  return [...made.map((device) => deviceSchema.parse(device)), ...sensors];
}

/** What the sample room has beside power and machines. */
const isSurrounding = (device: Device): boolean => ['sensor', 'siren', 'cooling', 'feed'].includes(device.kind);

const upsDevice = (ups: UpsDraft, port: number): object => ({
  id: ups.id,
  name: ups.id,
  kind: 'ups',
  profile: 'rfc1628-ups',
  snmp: { host: HOST, port, version: '2c', community: 'public' },
  interval: `${ups.intervalS}s`,
  rated_power: ups.ratedWatts,
  ...(ups.testedFactor === null
    ? {}
    : { battery: { runtime: `${Math.max(30, Math.round(ups.runtimeS * ups.testedFactor))}s`, at_load: ups.atLoad } }),
});

interface Plug {
  readonly pdu: string;
  readonly outlet: number;
}

const plugOf = (feed: string): Plug => {
  const [pdu = '', outlet = '1'] = feed.split('/');
  return { pdu, outlet: Number(outlet) };
};
const outletSet = ({ pdu, outlet }: Plug, to: 'on' | 'off'): object => ({
  snmp_set: { device: pdu, control: `outlet.${to}`, index: outlet },
});
const draws = ({ pdu, outlet }: Plug, test: { below: number } | { above: number }): object => ({
  point: `${pdu}/outlet.${outlet}.realpower`,
  ...test,
});
const isSwitched = ({ pdu, outlet }: Plug, is: 'on' | 'off'): object => ({
  point: `${pdu}/outlet.${outlet}.status`,
  is,
});

function machineDevice(machine: MachineDraft, feeds: readonly string[], port: number, emergencyOff: boolean): object {
  const plugs = feeds.map(plugOf);
  const base = {
    id: machine.id,
    name: machine.id,
    kind: machine.kind,
    depends_on: machine.dependsOn,
    power: { feeds, min_feeds: machine.minFeeds },
    ...(machine.kind === 'display' ? {} : { reach: { host: HOST, port } }),
  };
  const only = plugs.length === 1 ? plugs[0] : undefined;
  if (machine.kind === 'display') return { ...base, ...displayOperations(only) };
  const emergency = emergencyOff && only !== undefined ? { emergency_off: emergencyOperation(only) } : {};
  if (machine.kind === 'network') return { ...base, ...networkOperations(machine, only, port), ...emergency };
  return { ...base, ...hostOperations(machine, plugs, only, port), ...emergency };
}

const emergencyOperation = (plug: Plug): object => ({
  by: outletSet(plug, 'off'),
  estimate: '5s',
  give_up_after: '30s',
  attempts: 3,
  verify: [isSwitched(plug, 'off')],
});

const displayOperations = (plug: Plug | undefined): object =>
  plug === undefined
    ? {}
    : {
        shed: { by: outletSet(plug, 'off'), estimate: '10s', verify: [isSwitched(plug, 'off')] },
        restore: { by: outletSet(plug, 'on'), estimate: '10s', verify: [isSwitched(plug, 'on')] },
      };

/** A switch is switched off and on at its outlet; one with two supplies stays on for as long as there is power. */
function networkOperations(machine: MachineDraft, plug: Plug | undefined, port: number): object {
  if (plug === undefined) return {};
  return {
    shutdown: {
      by: outletSet(plug, 'off'),
      estimate: '15s',
      verify: [{ tcp: { host: HOST, port }, is: 'closed' }, isSwitched(plug, 'off')],
    },
    start: startOperation(machine, plug, port, 10),
  };
}

const startOperation = (machine: MachineDraft, plug: Plug, port: number, aboveWatts: number): object => ({
  by: outletSet(plug, 'on'),
  estimate: `${Math.max(20, Math.round(machine.bootS * (1 + machine.spread) * 1.4))}s`,
  verify: [{ tcp: { host: HOST, port }, is: 'open' }, draws(plug, { above: aboveWatts })],
});

/** One of two PDUs may be without power itself and tell nothing: then the machine's own controller is asked. */
function hostOperations(machine: MachineDraft, plugs: readonly Plug[], only: Plug | undefined, port: number): object {
  const storage = machine.kind === 'storage';
  const ssh = (command: string, host = HOST): object => ({
    ssh: { host, port, user: 'zhishou', password: PASSWORD, host_key: HOST_KEY, command },
  });
  const shutdownCommand = storage ? 'system shutdown --flush' : 'sudo shutdown -h now';
  const estimate = (typicalS: number): number => Math.max(10, Math.round(typicalS * machine.estimateFactor));
  const giveUp = (typicalS: number): string => `${Math.round(estimate(typicalS) * machine.giveUpFactor)}s`;
  return {
    ...(machine.backupS === null
      ? {}
      : {
          backup: {
            by: ssh('zhishou-backup run {run}'),
            priority: machine.priority,
            estimate: `${estimate(machine.backupS)}s`,
            give_up_after: giveUp(machine.backupS),
            attempts: machine.attempts,
            verify: [{ command: ssh('zhishou-backup verify {run}') }],
          },
        }),
    shutdown: {
      by: ssh(shutdownCommand),
      otherwise: [
        ...(machine.strayWay ? [ssh(shutdownCommand, STRAY_HOST)] : []),
        ...machine.otherwise.map((way) =>
          way === 'soft' ? ipmi(port, 'soft') : only === undefined ? ipmi(port, 'off') : outletSet(only, 'off'),
        ),
      ],
      estimate: `${estimate(machine.shutdownS)}s`,
      give_up_after: giveUp(machine.shutdownS),
      attempts: machine.attempts,
      verify: [
        { tcp: { host: HOST, port }, is: 'closed' },
        only === undefined ? chassis(port, 'off') : draws(only, { below: OFF_WATTS }),
      ],
    },
    ...(machine.powerOff && only !== undefined
      ? { power_off: { by: outletSet(only, 'off'), estimate: '10s', verify: [isSwitched(only, 'off')] } }
      : {}),
    ...hostStart(machine, plugs, port),
  };
}

/** With its outlet's power, by its controller (after the outlet, when that was switched off), or by a magic packet. */
function hostStart(machine: MachineDraft, plugs: readonly Plug[], port: number): object {
  const [plug] = plugs;
  if (machine.start === 'none' || plug === undefined) return {};
  const usual = startOperation(machine, plug, port, ON_WATTS);
  if (machine.start === 'outlet') return { start: usual };
  const proof = [
    { tcp: { host: HOST, port }, is: 'open' },
    ...(plugs.length === 1 ? [draws(plug, { above: ON_WATTS })] : []),
  ];
  const by = machine.start === 'wake' ? { wake: { mac: macOf(port), broadcast: HOST } } : ipmi(port, 'on');
  if (!machine.powerOff) return { start: { ...usual, by, verify: proof } };
  return { start: { ...usual, otherwise: [by], attempts: 1 } };
}

const ipmi = (port: number, power: 'soft' | 'off' | 'on'): object => ({
  ipmi: { host: HOST, port: BMC_PORT + (port - SSH_PORT), user: 'zhishou', password: PASSWORD, power },
});

const chassis = (port: number, is: 'on' | 'off'): object => ({
  ipmi: { host: HOST, port: BMC_PORT + (port - SSH_PORT), user: 'zhishou', password: PASSWORD },
  is,
});

const macOf = (port: number): string =>
  `02:00:00:00:${[port >> 8, port & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

const monitorDevice = (feeds: readonly string[], draft: Blueprint): object => ({
  id: 'monitor-1',
  name: 'monitor-1',
  kind: 'monitor',
  depends_on: [...draft.upses.map((ups) => ups.id), ...pdusOf(draft).map((pdu) => pdu.id)],
  power: { feeds },
  shutdown: {
    by: { local: { command: 'systemctl', arguments: ['poweroff'] } },
    estimate: '1m',
    verify: feeds.map((feed) => draws(plugOf(feed), { below: 5 })),
  },
});
