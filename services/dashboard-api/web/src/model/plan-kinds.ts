import type { IncidentView } from '#core/incident.ts';

/** What kind of danger an incident is: it decides which words fit. Pure. */

type Kind = Pick<IncidentView, 'clocks'>;

/** No reading says when it is over: fire, shock, theft, leak, a UPS fault, a network outage. People do. */
export const isGeneral = ({ clocks }: Kind): boolean => clocks === null;
/** The room's temperature is the clock. */
export const isHeat = ({ clocks }: Kind): boolean => clocks?.threat === 'heat';

/** Plans that people's lives may hang on: shown before all others, and startable without typing. */
const PEOPLE_FIRST: readonly string[] = ['fire', 'electric-shock'];
export const isForPeople = (plan: string): boolean => PEOPLE_FIRST.includes(plan);
