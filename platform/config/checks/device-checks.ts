import { type Action, type Device, type Evidence, OPERATIONS, POLLED } from '#core/config/device.ts';
import { valueProblem } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { definePoint } from '#core/points.ts';
import { mendWord } from '../nearest.ts';
import type { Located, Parts } from '../parts.ts';
import { checkCycles, checkKnown, type Teller } from './references.ts';

/** Devices among themselves: what they refer to, how they are proven off, what the monitor needs. */
export function checkDevices(parts: Parts, tell: Teller): void {
  const { devices, profiles } = parts;
  for (const at of devices.items) {
    const device = at.value;
    if (device.profile !== undefined) checkKnown(tell, at, ['profile'], device.profile, profiles.ids, 'profile');
    checkWays(at, tell);
    checkDependencies(at, parts, tell);
    checkPower(at, parts, tell);
    checkOperations(at, parts, tell);
  }
  checkCycles(tell, devices.items, (device) => device.depends_on, 'depends_on', 'devices depend on each other');
  checkCycles(tell, devices.items, feeders, 'power', 'devices feed each other');
  checkMonitor(parts, tell);
}

function checkWays(at: Located<Device>, tell: Teller): void {
  const [first, second] = POLLED.filter((way) => at.value[way] !== undefined);
  if (first === undefined || second === undefined) return;
  const message = `${at.value.id} is read by ${first} and by ${second}; a device is asked in one way`;
  tell(at, [second], message, `keep one of them, or make a device of its own of the other`, second);
}

function checkDependencies(at: Located<Device>, { devices }: Parts, tell: Teller): void {
  for (const [i, needed] of at.value.depends_on.entries()) {
    checkKnown(tell, at, ['depends_on', i], needed, devices.ids, 'device');
  }
}

function checkPower(at: Located<Device>, { devices }: Parts, tell: Teller): void {
  const power = at.value.power;
  if (power === undefined) return;
  for (const [i, feed] of power.feeds.entries()) {
    const path = ['power', 'feeds', i];
    const [feeder = '', outlet, ...rest] = feed.split('/');
    if (rest.length > 0 || outlet === '') {
      tell(at, path, `"${feed}" is not a feed`, 'write device or device/outlet, e.g. pdu-1/3');
    } else if (feeder === at.value.id) {
      tell(at, path, `${feeder} feeds itself`, 'name the UPS or PDU it is plugged into');
    } else if (checkKnown(tell, at, path, feeder, devices.ids, 'device')) {
      const found = devices.items.find((one) => one.value.id === feeder)?.value;
      if (found !== undefined && !['ups', 'pdu', 'feed', 'other'].includes(found.kind)) {
        tell(at, path, `${feeder} is a ${found.kind} and feeds nothing`, 'name a UPS or a PDU');
      }
    }
  }
  if (power.min_feeds > power.feeds.length) {
    const message = `min_feeds is ${power.min_feeds}, but there are only ${power.feeds.length} feeds`;
    tell(at, ['power', 'min_feeds'], message, `write ${power.feeds.length} or less, or add the missing feed`);
  }
}

function checkOperations(at: Located<Device>, parts: Parts, tell: Teller): void {
  for (const name of OPERATIONS) {
    const operation = at.value[name];
    if (operation === undefined) continue;
    checkAction(at, [name, 'by'], operation.by, parts, tell);
    for (const [i, other] of operation.otherwise.entries()) checkAction(at, [name, 'otherwise', i], other, parts, tell);
    for (const [i, evidence] of operation.verify.entries()) {
      checkEvidence(at, [name, 'verify', i], evidence, parts, tell);
    }
  }
  checkBatteryTest(at, parts, tell);
  const { kind, shutdown } = at.value;
  if (shutdown === undefined || (kind !== 'server' && kind !== 'storage')) return;
  const kinds = new Set(shutdown.verify.map(kindOf));
  if (kinds.size >= 2) return;
  tell(
    at,
    ['shutdown', 'verify'],
    `only one kind of evidence (${[...kinds].join()}) proves that the ${kind} is off; one can fail without being noticed (L16)`,
    'prove it by two of: tcp (its port is closed), point (its outlet draws nothing), ipmi or redfish (its chassis is off), command',
    'verify',
  );
}

function checkBatteryTest(at: Located<Device>, parts: Parts, tell: Teller): void {
  const { kind, battery_test } = at.value;
  if (battery_test === undefined) return;
  if (kind !== 'ups')
    tell(at, ['battery_test'], `${at.value.id} is a ${kind} and has no battery to test`, 'take it out');
  for (const order of ['start', 'stop'] as const) {
    const action = battery_test[order];
    if (action !== undefined) checkAction(at, ['battery_test', order], action, parts, tell);
  }
}

const EVIDENCE_KINDS = ['tcp', 'point', 'ipmi', 'redfish', 'http'] as const;
const kindOf = (evidence: Evidence): string => EVIDENCE_KINDS.find((kind) => kind in evidence) ?? 'command';

function checkEvidence(at: Located<Device>, path: PropertyKey[], evidence: Evidence, parts: Parts, tell: Teller): void {
  if ('command' in evidence) checkAction(at, [...path, 'command'], evidence.command, parts, tell);
  if ('point' in evidence) checkPoint(at, [...path, 'point'], evidence.point, parts, tell);
}

/** A point of a device: both must be known. */
export function checkPoint(
  at: Located<unknown>,
  path: readonly PropertyKey[],
  reference: { readonly device: string; readonly point: string },
  { devices }: Parts,
  tell: Teller,
): void {
  checkKnown(tell, at, path, reference.device, devices.ids, 'device');
  if (definePoint(reference.point) !== null) return;
  tell(at, path, `there is no point ${reference.point}`, 'write a point of the list in core/points.ts');
}

function checkAction(at: Located<Device>, path: PropertyKey[], action: Action, parts: Parts, tell: Teller): void {
  if (!('snmp_set' in action)) return;
  const { device, control, index, value } = action.snmp_set;
  const within = [...path, 'snmp_set'];
  if (!checkKnown(tell, at, [...within, 'device'], device, parts.devices.ids, 'device')) return;
  const target = parts.devices.items.find((one) => one.value.id === device)?.value;
  if (target === undefined) return;
  if (target.snmp === undefined) {
    tell(
      at,
      [...within, 'device'],
      `${device} is not read by SNMP and cannot be set`,
      `give ${device} an snmp: connection, or name another device`,
    );
  }
  const profiles = parts.profiles.items.map((one) => one.value);
  // A device without a profile is recognised at start; what it can be set to shows then.
  const profile = target.profile === undefined ? null : resolveProfile(target.profile, profiles);
  if (profile === null) return;
  const found = profile.controls[control];
  if (found === undefined) {
    const known = Object.keys(profile.controls);
    tell(
      at,
      [...within, 'control'],
      `${device} (profile ${profile.id}) has no control ${control}`,
      mendWord(control, known, 'control'),
    );
  } else if (found.oid.includes('{index}') !== (index !== undefined)) {
    const needed = index === undefined;
    const message = needed ? `the control ${control} needs an index` : `the control ${control} has no index`;
    tell(at, within, message, needed ? 'add index: with the number of the outlet' : 'remove index', 'index');
  } else {
    const problem = valueProblem(found, value);
    const mend = found.value === undefined ? 'give value: a number within its range' : 'remove value';
    if (problem !== null) tell(at, within, `the control ${control} ${problem}`, mend, 'value');
  }
}

const feeders = (device: Device): string[] => (device.power?.feeds ?? []).map((feed) => feed.split('/')[0] ?? '');

/** L17: what the monitor needs to see and act must not be taken from it before it goes down itself, last. */
function checkMonitor({ devices }: Parts, tell: Teller): void {
  const byId = new Map(devices.items.map((at) => [at.value.id, at]));
  for (const monitor of devices.items.filter((at) => at.value.kind === 'monitor')) {
    const chains: string[][] = [[monitor.value.id]];
    const seen = new Set([monitor.value.id]);
    for (let chain = chains.shift(); chain !== undefined; chain = chains.shift()) {
      const at = byId.get(chain.at(-1) ?? '');
      if (at === undefined) continue;
      if (chain.length > 1) checkStaysUp(at, chain, tell);
      for (const next of [...at.value.depends_on, ...feeders(at.value)]) {
        if (!seen.has(next)) chains.push([...chain, next]);
        seen.add(next);
      }
    }
  }
}

/** A UPS that is told to switch off in so many minutes, proven by its countdown, is there until the monitor has gone down. */
const goesOffLater = (device: Device): boolean =>
  device.kind === 'ups' &&
  (device.power_off?.verify ?? []).some((item) => 'point' in item && item.point.point === 'ups.timer.shutdown');

function checkStaysUp(at: Located<Device>, chain: readonly string[], tell: Teller): void {
  for (const name of ['shutdown', 'power_off', 'shed'] as const) {
    if (at.value[name] === undefined || (name === 'power_off' && goesOffLater(at.value))) continue;
    const message = `${at.value.id} has ${name}, but the monitor needs it: ${chain.join(' needs ')} (L17)`;
    tell(
      at,
      [name],
      message,
      `remove ${name}, or make ${chain[0] ?? 'the monitor'} independent of ${at.value.id}`,
      name,
    );
  }
}
