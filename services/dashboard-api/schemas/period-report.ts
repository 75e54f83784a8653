import { z } from 'zod';
import { type ArchivedReport, PERIODS, type PeriodReport } from '#core/paperwork/period-report.ts';
import { isoSchema, textSchema } from './payloads.ts';

/** The report of a week, a month, a quarter or a year; types: core/paperwork/period-report.ts. */

const number = z.number();
const orNull = z.number().nullable();
const count = z.number().int().min(0);
const share = z.number().min(0).max(1);
const figureSchema = z.object({ value: orNull, before: orNull }).meta({ id: 'PeriodFigure' });

const figuresSchema = z
  .object({
    mean: figureSchema,
    min: figureSchema,
    minAt: isoSchema.nullable(),
    max: figureSchema,
    maxAt: isoSchema.nullable(),
    coverage: share,
    outsideS: figureSchema,
    degreeHours: figureSchema,
  })
  .meta({ id: 'ClimateFigures' });

const wholeSchema = z.object({
  name: textSchema,
  pointName: textSchema,
  quantity: z.enum(['temperature', 'humidity', 'dew-point']),
  unit: z.string(),
  figures: figuresSchema,
  low: orNull,
  high: orNull,
});

const equipmentSchema = z
  .object({
    device: z.string(),
    name: textSchema,
    figures: z.array(z.object({ label: textSchema, unit: z.string(), figure: figureSchema })),
    faults: count,
    coverage: share,
  })
  .meta({ id: 'EquipmentReport' });

const availabilitySchema = z
  .object({
    device: z.string(),
    name: textSchema,
    availability: figureSchema,
    downS: number,
    outages: z.array(z.object({ from: isoSchema, to: isoSchema })),
    latency: figureSchema,
    maintenanceS: number,
  })
  .meta({ id: 'AvailabilityReport' });

const incidentSchema = z
  .object({
    id: z.string(),
    title: textSchema,
    mode: z.string(),
    level: z.string(),
    from: isoSchema,
    to: isoSchema.nullable(),
    result: textSchema,
    path: z.string(),
    score: orNull,
  })
  .meta({ id: 'IncidentLine' });

const entrySchema = z
  .object({
    entry: z.string(),
    register: z.string(),
    title: textSchema,
    state: textSchema,
    open: z.boolean(),
    dueAt: isoSchema.nullable(),
    path: z.string(),
  })
  .meta({ id: 'RegisterLine' });

const climateShape = {
  rooms: z.array(
    z.object({
      room: z.string(),
      name: textSchema,
      whole: z.array(wholeSchema),
      sensors: z.array(wholeSchema.extend({ device: z.string(), point: z.string() })),
      charts: z.array(z.string()),
    }),
  ),
  excursions: z.array(
    z.object({
      device: z.string(),
      name: textSchema,
      point: z.string(),
      pointName: textSchema,
      unit: z.string(),
      from: isoSchema,
      to: isoSchema,
      worst: number,
      worstAt: isoSchema,
      limit: number,
      degreeHours: number,
      joined: z.array(
        z.object({ kind: z.enum(['incident', 'alert', 'entry']), id: z.string(), title: textSchema, path: z.string() }),
      ),
    }),
  ),
};

const equipmentShape = {
  ups: z.array(
    z.object({
      device: z.string(),
      name: textSchema,
      load: z.object({ mean: figureSchema, max: figureSchema }),
      charge: z.object({ min: figureSchema }),
      temperature: z.object({ mean: figureSchema, max: figureSchema }).nullable(),
      onBatteryS: figureSchema,
      transfers: figureSchema,
      health: orNull,
      coverage: share,
    }),
  ),
  cooling: z.array(equipmentSchema),
  power: z.array(equipmentSchema),
  network: z.array(availabilitySchema),
  services: z.array(availabilitySchema),
};

const alarmsSchema = z.object({
  alarms: figureSchema,
  perDay: figureSchema,
  worstTenMinutes: number,
  floodShare: figureSchema,
  stale: count,
  chattering: count,
  pagesPerPerson: z.array(z.object({ person: z.string(), name: textSchema, pages: count })),
  bySeverity: z.object({ low: count, medium: count, high: count }),
  mostFrequent: z.array(z.object({ title: textSchema, count, suggestion: textSchema.nullable() })),
});

const dutiesSchema = z.object({
  from: z.string(),
  to: z.string(),
  duties: z.array(
    z.object({
      duty: z.string(),
      title: textSchema,
      done: count,
      late: count,
      missed: count,
      waived: count,
      rate: orNull,
    }),
  ),
});

const workShape = {
  incidents: z.array(incidentSchema),
  drills: z.array(incidentSchema),
  alarms: alarmsSchema.nullable(),
  duties: dutiesSchema,
  missedDuties: z.array(z.object({ id: z.string(), title: textSchema, dueAt: isoSchema, state: z.string() })),
  repairs: z.array(entrySchema),
  changes: z.array(entrySchema),
  batteryTests: z.array(
    z.object({
      id: z.string(),
      device: z.string(),
      name: textSchema,
      at: isoSchema,
      result: textSchema,
      health: orNull,
      before: orNull,
      chart: z.string().nullable(),
    }),
  ),
  tasks: z.array(
    z.object({
      id: z.string(),
      title: textSchema,
      owner: textSchema.nullable(),
      state: z.enum(['open', 'overdue', 'done', 'dropped']),
      dueAt: isoSchema,
    }),
  ),
  minutes: z.array(
    z.object({
      meeting: z.string(),
      text: textSchema,
      owner: textSchema.nullable(),
      dueAt: isoSchema.nullable(),
      state: z.enum(['open', 'overdue', 'done', 'dropped', 'noted']),
    }),
  ),
  onDuty: z.array(
    z.object({ function: z.string(), person: z.string(), name: textSchema, from: isoSchema, to: isoSchema }),
  ),
};

export const periodReportSchema = z
  .object({
    id: z.string(),
    period: z.enum(PERIODS),
    name: z.string(),
    from: isoSchema,
    to: isoSchema,
    timeZone: z.string(),
    siteName: textSchema,
    simulated: z.boolean(),
    generatedAt: isoSchema,
    final: z.boolean(),
    summary: textSchema,
    standard: z.object({ id: z.string(), name: textSchema, source: z.string() }),
    ...climateShape,
    ...equipmentShape,
    ...workShape,
    gaps: z.array(textSchema),
  })
  .meta({ id: 'PeriodReport' }) satisfies z.ZodType<PeriodReport>;

export const archivedReportSchema = z
  .object({
    id: z.string(),
    period: z.enum(PERIODS),
    name: z.string(),
    from: isoSchema,
    to: isoSchema,
    madeAt: isoSchema,
    files: z.array(z.object({ name: z.string(), bytes: count, sha256: z.string() })),
    intact: z.boolean(),
    mailed: z.array(z.object({ to: z.string(), at: isoSchema.nullable(), error: z.string().nullable() })),
    summary: textSchema,
  })
  .meta({ id: 'ArchivedReport' }) satisfies z.ZodType<ArchivedReport>;
