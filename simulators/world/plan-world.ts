import { type Action, type Device, OPERATIONS } from '#core/config/device.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SimulationSpec } from './spec.ts';
import type { Feed, MachinePlan, PduPlan, WorldPlan } from './world-plan.ts';

/** The world's plan from the configuration and the file of figures; throws BAD_CONFIGURATION where they do not fit. */

export function planWorld(devices: readonly Device[], spec: SimulationSpec): WorldPlan {
  const upses = Object.entries(spec.ups).map(([id, ups]) => ({ id, ...ups }));
  const wired = Object.entries(spec.pdus).map(([id, pdu]) => {
    const ups = devices.find((device) => device.id === id)?.power?.feeds.find((feed) => feed in spec.ups) ?? null;
    return { id, ups, upsIndex: upses.findIndex((one) => one.id === ups), ownWatts: pdu.own_watts };
  });
  const machines = Object.entries(spec.consumers).map(([id, consumer]): MachinePlan => {
    const device = devices.find((one) => one.id === id);
    if (device === undefined) throw wrong(id, 'is not in devices.yaml');
    return {
      id,
      kind: device.kind,
      spec: consumer,
      feeds: feedsOf(device, upses, wired, spec),
      minFeeds: device.power?.min_feeds ?? 1,
      holdsData: device.kind === 'server' || device.kind === 'storage',
      hasBmc: consumer.bmc ?? (device.kind === 'server' || device.kind === 'storage'),
      macs: macsOf(device),
    };
  });
  return {
    mainsVoltage: spec.mains.voltage,
    mainsFrequency: spec.mains.frequency,
    room: spec.room,
    upses,
    pdus: wired.map(
      (pdu, index): PduPlan => ({ ...pdu, plugged: pluggedInto(machines, index, spec.pdus[pdu.id]?.outlets ?? 0) }),
    ),
    machines,
    cooling: Object.entries(spec.cooling).map(([id, cooling]) => ({ id, ...cooling })),
    sensors: Object.entries(spec.sensors).map(([id, sensor]) => ({ id, ...sensor, place: placeOf(devices, id) })),
    devices: [
      ...devices.map((device) => ({ id: device.id, place: device.place ?? null })),
      { id: INTERNET, place: null },
    ],
  };
}

/** The link to the world outside, beside those to the devices: messages to people go over it. */
const INTERNET = 'internet';

const placeOf = (devices: readonly Device[], id: string): { x: number; y: number } | null =>
  devices.find((device) => device.id === id)?.place ?? null;

const pluggedInto = (machines: readonly MachinePlan[], pdu: number, outlets: number): number[] =>
  Array.from({ length: outlets }, (_, outlet) =>
    machines.findIndex((machine) =>
      machine.feeds.some((feed) => feed.from === 'outlet' && feed.pdu === pdu && feed.outlet === outlet),
    ),
  );

function feedsOf(
  device: Device,
  upses: readonly { id: string }[],
  pdus: readonly { id: string }[],
  spec: SimulationSpec,
): Feed[] {
  const feeds = (device.power?.feeds ?? []).map((feed) => resolveFeed(device.id, feed, upses, pdus, spec));
  return feeds.length === 0 ? [{ from: 'mains' }] : feeds;
}

/** Magic packets to these addresses are meant for it. */
function macsOf(device: Device): string[] {
  const actions: Action[] = OPERATIONS.flatMap((name) => {
    const operation = device[name];
    return operation === undefined ? [] : [operation.by, ...operation.otherwise];
  });
  return actions.flatMap((action) => ('wake' in action ? [action.wake.mac.toUpperCase().replaceAll('-', ':')] : []));
}

const wrong = (subject: string, detail: string): ZhishouError =>
  new ZhishouError('BAD_CONFIGURATION', `simulation.yaml ${subject}`, detail);

function resolveFeed(
  id: string,
  feed: string,
  upses: readonly { id: string }[],
  pdus: readonly { id: string }[],
  spec: SimulationSpec,
): Feed {
  const ups = upses.findIndex((one) => one.id === feed);
  if (ups >= 0) return { from: 'ups', ups };
  const [name = '', number = ''] = feed.split('/');
  const pdu = pdus.findIndex((one) => one.id === name);
  const outlet = Number(number) - 1;
  const outlets = spec.pdus[name]?.outlets ?? 0;
  if (pdu < 0 || !Number.isInteger(outlet) || outlet < 0 || outlet >= outlets)
    throw wrong(id, `its feed "${feed}" of devices.yaml is no outlet of a simulated PDU and no simulated UPS`);
  return { from: 'outlet', pdu, outlet };
}
