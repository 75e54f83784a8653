import { pointsIn } from '#core/config/condition.ts';
import { type Device, OPERATIONS, type OperationName } from '#core/config/device.ts';
import { type Plan, planSteps } from '#core/config/plan.ts';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import type { Rule } from '#core/config/rule.ts';
import { selects } from '#core/config/selector.ts';
import type { Located, Parts } from '../parts.ts';
import type { Teller } from './references.ts';

/**
 * What is missing rather than wrong: equipment that no plan brings down or up again, a UPS whose battery nobody follows, a
 * detector that alarms nobody. A file that was cut off between two of its entries is still good YAML; this is how it is seen.
 */
export function checkCoverage(parts: Parts, tell: Teller): void {
  const { devices, plans, rules, profiles } = parts;
  // With a file that could not be read, everything would seem to be missing.
  if (devices.ids === null || plans.ids === null || rules.ids === null || profiles.ids === null) return;
  if (plans.items.length < plans.ids.size || rules.items.length < rules.ids.size) return;
  const allPlans = plans.items.map((item) => item.value);
  const allRules = rules.items.map((item) => item.value);
  const allProfiles = profiles.items.map((item) => item.value);
  for (const at of devices.items) {
    checkOperations(at, allPlans, tell);
    checkBattery(at, allPlans, tell);
    checkDetector(at, allRules, allProfiles, tell);
  }
  for (const at of plans.items) {
    if (at.value.power !== undefined && at.value.triggers.alerts.length === 0)
      tell(
        at,
        ['triggers'],
        'no alert starts this plan',
        'name the rule that sees the loss of mains under triggers: { alerts: [...] }',
      );
  }
}

function checkOperations(at: Located<Device>, plans: readonly Plan[], tell: Teller): void {
  const device = at.value;
  for (const operation of OPERATIONS) {
    if (device[operation] === undefined || plans.some((plan) => actsOn(plan, operation, device))) continue;
    const mend = `add a step with act: { operation: ${operation}, on: { kinds: [${device.kind}] } } to a plan, or remove ${operation} here`;
    tell(at, [operation], `${device.id} declares ${operation}, but no plan ever does it`, mend);
  }
}

const actsOn = (plan: Plan, operation: OperationName, device: Device): boolean =>
  planSteps(plan).some((step) => {
    if (!('act' in step) || step.act.operation !== operation) return false;
    const { kinds, devices } = step.act.on;
    return (kinds ?? []).includes(device.kind) || (devices ?? []).includes(device.id);
  });

function checkBattery(at: Located<Device>, plans: readonly Plan[], tell: Teller): void {
  if (at.value.kind !== 'ups' || plans.some((plan) => plan.power?.ups.includes(at.value.id) === true)) return;
  tell(
    at,
    ['id'],
    `no plan follows the battery of ${at.value.id}`,
    `name ${at.value.id} under power: { ups: [...] } of a plan (O-PWR-7)`,
  );
}

const SAFETY_POINTS = ['room.smoke', 'room.leak'];

function checkDetector(at: Located<Device>, rules: readonly Rule[], profiles: readonly Profile[], tell: Teller): void {
  const device = at.value;
  const profile = device.profile === undefined ? null : resolveProfile(device.profile, profiles);
  if (profile === null) return;
  const points = new Set([
    ...profile.mqtt.points.map((one) => one.point),
    // Ropes that are put together: the room is wet when any of them is.
    ...[...profile.snmp.points, ...profile.modbus.points].flatMap(({ point, combine }) => [point, combine?.point]),
  ]);
  for (const point of SAFETY_POINTS) {
    if (
      !points.has(point) ||
      rules.some((rule) => rule.safety && selects(rule.on, device) && pointsIn(rule.when).includes(point))
    )
      continue;
    tell(
      at,
      ['id'],
      `${device.id} tells ${point}, but no safety rule listens`,
      `add a rule with safety: true for ${point} (O-FIR-1, O-WTR-1)`,
    );
  }
}
