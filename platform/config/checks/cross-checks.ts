import type { ConfigProblem } from '#core/config/config.ts';
import type { Instant } from '#core/time.ts';
import type { Parts } from '../parts.ts';
import { checkChanges } from './change-checks.ts';
import { checkCoverage } from './coverage-checks.ts';
import { checkDerived } from './derived-checks.ts';
import { checkDevices } from './device-checks.ts';
import { checkDuties } from './duty-checks.ts';
import { checkEscalation } from './escalation-checks.ts';
import { checkHistory } from './history-checks.ts';
import { checkModbus } from './modbus-checks.ts';
import { checkNut } from './nut-checks.ts';
import { checkPeople } from './people-checks.ts';
import { checkPlans } from './plan-checks.ts';
import { checkCycles, checkKnown, createTeller, type Teller } from './references.ts';
import { checkRegisters } from './register-checks.ts';
import { checkReports } from './report-checks.ts';
import { checkRules } from './rule-checks.ts';

/** What no single file can show: references between files, circles, and what the room's safety asks of them together. */
export function crossChecks(parts: Parts, now: Instant): ConfigProblem[] {
  const problems: ConfigProblem[] = [
    parts.devices,
    parts.people,
    parts.rules,
    parts.plans,
    parts.profiles,
    parts.registers,
    parts.duties,
  ].flatMap((collection) => collection.duplicates);
  const tell = createTeller(problems);
  checkProfiles(parts, tell);
  checkDevices(parts, tell);
  checkDerived(parts, tell);
  checkNut(parts, tell);
  checkModbus(parts, tell);
  checkHistory(parts, tell);
  checkPeople(parts, now, tell);
  checkEscalation(parts, now, tell);
  checkRules(parts, tell);
  checkPlans(parts, tell);
  checkCoverage(parts, tell);
  checkRegisters(parts, tell);
  checkDuties(parts, now, tell);
  checkReports(parts, tell);
  checkChanges(parts, tell);
  return problems;
}

function checkProfiles({ profiles }: Parts, tell: Teller): void {
  for (const at of profiles.items) {
    const base = at.value.extends;
    if (base !== undefined) checkKnown(tell, at, ['extends'], base, profiles.ids, 'profile');
    for (const [i, part] of at.value.includes.entries()) {
      checkKnown(tell, at, ['includes', i], part, profiles.ids, 'profile');
    }
  }
  checkCycles(
    tell,
    profiles.items,
    (one) => [...(one.extends === undefined ? [] : [one.extends]), ...one.includes],
    'extends',
    'profiles build on each other',
  );
}
