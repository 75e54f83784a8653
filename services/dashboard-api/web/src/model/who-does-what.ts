import type { SiteView } from '#core/api.ts';
import type { IncidentView, StepView } from '#core/incident.ts';
import type { Text } from '#core/text.ts';
import { isByDefault, openRequests, toneOf } from './steps.ts';

/** Who is at what in an incident, and whom one may have to ring for it. Pure. */

export interface Doing {
  /** Null: nobody holds the role; with a null role: the system itself. */
  readonly person: string | null;
  readonly role: string | null;
  readonly steps: readonly StepView[];
}

export function whoDoesWhat(incident: IncidentView): Doing[] {
  const rows = new Map<string, { person: string | null; role: string | null; steps: StepView[] }>();
  const add = (person: string | null, role: string | null, step: StepView): void => {
    const key = person ?? `/${role}`;
    const row = rows.get(key) ?? { person, role, steps: [] };
    row.steps.push(step);
    rows.set(key, row);
  };
  for (const step of openRequests(incident)) add(step.person, step.role, step);
  // What the site's own people are told to do by hand.
  for (const step of incident.steps) {
    if (step.kind === 'act' && toneOf(step.state) === 'active') add(null, null, step);
    else if (step.kind === 'act' && step.state === 'advised' && step.endedAt === null)
      add(incident.lead?.person ?? null, 'duty', step);
  }
  return [...rows.values()];
}

export interface Contact {
  readonly key: string;
  readonly name: Text;
  /** A person's id, for its name on this page. */
  readonly person: string | null;
  readonly phone: string;
  readonly roles: readonly string[];
  readonly leads: boolean;
  readonly onDuty: boolean;
  readonly outside: boolean;
  /** Something waits for them now. */
  readonly wanted: boolean;
}

/** Everybody with a number who matters to this incident: those of open steps first, then who leads, then the rest of the plan. */
export function contactsOf(incident: IncidentView, site: Pick<SiteView, 'duty' | 'people'> | null): Contact[] {
  const found = new Map<string, Contact>();
  const names = new Map((site?.people ?? []).map(({ id, name }) => [id, name]));
  const put = (one: Contact): void => {
    const before = found.get(one.key);
    found.set(one.key, before === undefined ? one : both(before, one));
  };
  const base = { roles: [], leads: false, onDuty: false, outside: false, wanted: false };
  const open = new Set(openRequests(incident).map(({ id }) => id));
  const sorted = [...incident.steps].sort((a, b) => Number(open.has(b.id)) - Number(open.has(a.id)));
  for (const step of sorted) {
    const { phone, contact, person, role } = step;
    if (phone === null) continue;
    const wanted = open.has(step.id) || isByDefault(step);
    if (contact !== null) put({ ...base, key: phone, name: contact, person: null, phone, outside: true, wanted });
    else if (person !== null && names.has(person))
      put({
        ...base,
        key: person,
        name: names.get(person) ?? { zh: person, en: person },
        person,
        phone,
        roles: role === null ? [] : [role],
        wanted,
      });
  }
  const { lead } = incident;
  if (lead?.phone != null)
    put({ ...base, key: lead.person, name: lead.name, person: lead.person, phone: lead.phone, leads: true });
  const duty = site?.duty ?? null;
  if (duty?.phone != null)
    put({ ...base, key: duty.person, name: duty.name, person: duty.person, phone: duty.phone, onDuty: true });
  const rank = (one: Contact): number =>
    one.wanted && one.outside ? 0 : one.wanted ? 1 : one.leads ? 2 : one.onDuty ? 3 : 4;
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}

const both = (a: Contact, b: Contact): Contact => ({
  ...a,
  roles: [...new Set([...a.roles, ...b.roles])],
  leads: a.leads || b.leads,
  onDuty: a.onDuty || b.onDuty,
  outside: a.outside || b.outside,
  wanted: a.wanted || b.wanted,
});
