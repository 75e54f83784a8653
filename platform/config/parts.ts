import type { z } from 'zod';
import type { ConfigProblem } from '#core/config/config.ts';
import { type Device, deviceSchema, devicesFileSchema } from '#core/config/device.ts';
import { type Duty, dutiesFileSchema, dutySchema } from '#core/config/duties.ts';
import { type PeopleFile, type Person, peopleFileSchema, personSchema } from '#core/config/people.ts';
import { type Plan, planSchema } from '#core/config/plan.ts';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { type Register, registerSchema } from '#core/config/register.ts';
import { type CalendarFile, calendarFileSchema, type RotaFile, rotaFileSchema } from '#core/config/rota.ts';
import { type Rule, ruleSchema, rulesFileSchema } from '#core/config/rule.ts';
import { type Site, siteSchema } from '#core/config/site.ts';
import type { LoadedYaml } from './load-yaml.ts';
import { readProfileFiles, type WantedProfiles } from './profile-files.ts';
import { valueAt } from './schema-keys.ts';
import type { YamlSource } from './yaml-source.ts';

/** A part of the configuration and where it stands. */
export interface Located<T> {
  readonly value: T;
  readonly source: YamlSource;
  readonly path: readonly PropertyKey[];
}

/**
 * Things with ids. `items` are those without mistakes of their own; `ids` has the others' too, so that a reference to a
 * device with a typo inside is not told as unknown. Null when a file could not be read at all: nothing can be said then.
 */
export interface Collection<T> {
  readonly items: readonly Located<T>[];
  readonly ids: ReadonlySet<string> | null;
  readonly duplicates: readonly ConfigProblem[];
}

/** Everything that could be read, for the checks across files. */
export interface Parts {
  readonly site: Located<Site> | null;
  readonly devices: Collection<Device>;
  readonly people: Collection<Person>;
  /** Null when people.yaml has mistakes. */
  readonly peopleFile: Located<PeopleFile> | null;
  readonly rota: Located<RotaFile> | null;
  readonly calendar: Located<CalendarFile> | null;
  readonly rules: Collection<Rule>;
  readonly plans: Collection<Plan>;
  readonly profiles: Collection<Profile>;
  readonly registers: Collection<Register>;
  readonly duties: Collection<Duty>;
}

export type Load = <S extends z.ZodType>(file: string, schema: S) => LoadedYaml<z.output<S>>;

export interface FileNames {
  readonly rules: readonly string[];
  readonly plans: readonly string[];
  readonly profiles: readonly string[];
  readonly registers: readonly string[];
  /** duties.yaml, where there is one. */
  readonly duties: readonly string[];
}

/** Reads the files of the configuration: every one, but of the profiles those that are wanted. */
export function readParts(load: Load, names: FileNames, wanted: WantedProfiles): Parts {
  const one = <S extends z.ZodType>(file: string, schema: S): Located<z.output<S>> | null => {
    const { value, source } = load(file, schema);
    return value === null || source === null ? null : { value, source, path: [] };
  };
  const people = load('people.yaml', peopleFileSchema);
  const lists = <T extends { id: string }>(files: readonly LoadedYaml<unknown>[], key: string, schema: z.ZodType<T>) =>
    collect(files, schema, ({ raw }) => {
      const list = valueAt(raw, [key]);
      return Array.isArray(list) ? list.map((_, i) => [key, i]) : [];
    });
  const wholes = <T extends { id: string }>(files: readonly string[], schema: z.ZodType<T>) =>
    collect(
      files.map((file) => load(file, schema)),
      schema,
      () => [[]],
    );
  const devices = lists([load('devices.yaml', devicesFileSchema)], 'devices', deviceSchema);
  const profiles = readProfileFiles(
    load,
    names.profiles,
    wanted,
    devices.items.map(({ value }) => value),
  );
  return {
    site: one('site.yaml', siteSchema),
    devices,
    people: lists([people], 'people', personSchema),
    peopleFile:
      people.value === null || people.source === null ? null : { value: people.value, source: people.source, path: [] },
    rota: one('rota.yaml', rotaFileSchema),
    calendar: one('calendar.yaml', calendarFileSchema),
    rules: lists(
      names.rules.map((file) => load(file, rulesFileSchema)),
      'rules',
      ruleSchema,
    ),
    plans: wholes(names.plans, planSchema),
    registers: wholes(names.registers, registerSchema),
    duties: lists(
      names.duties.map((file) => load(file, dutiesFileSchema)),
      'duties',
      dutySchema,
    ),
    profiles: alsoKnown(
      collect(profiles.files, profileSchema, () => [[]]),
      profiles.unread,
    ),
  };
}

const alsoKnown = <T>(read: Collection<T>, ids: readonly string[]): Collection<T> => ({
  ...read,
  ids: read.ids === null ? null : new Set([...read.ids, ...ids]),
});

function collect<T extends { id: string }>(
  files: readonly LoadedYaml<unknown>[],
  schema: z.ZodType<T>,
  placesIn: (file: LoadedYaml<unknown>) => PropertyKey[][],
): Collection<T> {
  const items: Located<T>[] = [];
  const ids = new Set<string>();
  const duplicates: ConfigProblem[] = [];
  let unreadable = false;
  for (const file of files) {
    const { source, raw } = file;
    if (source === null) {
      unreadable = true;
      continue;
    }
    for (const path of placesIn(file)) {
      const rawItem = valueAt(raw, path) ?? (path.length === 0 ? raw : undefined);
      const id = valueAt(rawItem, ['id']);
      if (typeof id === 'string' && ids.has(id)) {
        duplicates.push(source.problem([...path, 'id'], `the id ${id} is given twice`, 'give one of them another id'));
      }
      if (typeof id === 'string') ids.add(id);
      // Items of a file that was judged whole are not judged again.
      const judged =
        file.value === null
          ? schema.safeParse(rawItem)
          : { success: true, data: valueAt(file.value, path) ?? file.value };
      if (judged.success) items.push({ value: judged.data as T, source, path });
    }
  }
  return { items, ids: unreadable ? null : ids, duplicates };
}
