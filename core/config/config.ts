import type { Device } from './device.ts';
import type { Duty } from './duties.ts';
import type { PeopleFile } from './people.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import type { Register } from './register.ts';
import type { CalendarFile, RotaFile } from './rota.ts';
import type { Rule } from './rule.ts';
import type { Site } from './site.ts';

/** The whole configuration, parsed once, checked, frozen; handed on in narrow slices. */
export interface Config {
  readonly site: Site;
  readonly devices: readonly Device[];
  readonly people: PeopleFile;
  readonly rota: RotaFile;
  readonly calendar: CalendarFile;
  readonly rules: readonly Rule[];
  readonly plans: readonly Plan[];
  readonly profiles: readonly Profile[];
  /** Forms of config/registers/; none where the site has none. */
  readonly registers: readonly Register[];
  /** Of duties.yaml; none where the site has none. */
  readonly duties?: readonly Duty[];
}

/** One mistake, where it is, and what to do about it. */
export interface ConfigProblem {
  /** Relative to the configuration's directory. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly mend: string;
}
