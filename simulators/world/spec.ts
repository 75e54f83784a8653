import { z } from 'zod';
import { durationSchema, idSchema } from '#core/config/common.ts';

/** config/simulation.yaml: what the sample world is made of, by device id of devices.yaml. All figures are made up. */

const share = z.number().min(0).max(1);

const batterySchema = z.strictObject({
  /** Minutes to empty from full at `at_load` watts: the capacity is worked out from it, losses and knee included. */
  runtime: durationSchema,
  at_load: z.number().positive(),
  /** 1 = none. Lead-acid 1.05–1.3: a higher load yields less of the stored energy. */
  peukert: z.number().min(1).max(1.5).default(1.08),
  /** Of the whole string, new. */
  internal_resistance_ohm: z.number().min(0).max(1).default(0.06),
  nominal_voltage: z.number().positive().default(192),
  /** Capacity and resistance worsen with it; the firmware goes on believing in a new battery. */
  age_years: z.number().min(0).max(15).default(1),
  /** Charge at start. */
  charge_percent: z.number().min(1).max(100).default(100),
  charger_watts: z.number().positive().default(900),
});

const upsSchema = z.strictObject({
  rated_watts: z.number().positive(),
  efficiency: z.number().min(0.5).max(1).default(0.93),
  no_load_watts: z.number().min(0).default(60),
  /** Double conversion: 0. Supplies hold about 20 ms; a longer break crashes what is behind it. */
  transfer_ms: z.number().min(0).max(1000).default(0),
  battery: batterySchema,
  firmware: z
    .strictObject({
      /** What it says of the runtime is multiplied by this. */
      runtime_factor: z.number().min(0.1).max(10).default(1),
      /** Standard deviation of the charge it shows, in percent. */
      charge_noise: z.number().min(0).max(10).default(0.3),
      /** It raises its low-battery flag below these (by its own figures). */
      low_battery_minutes: z.number().min(0).default(5),
      low_battery_charge: z.number().min(0).max(100).default(15),
    })
    .prefault({}),
  /** After mains is back and the battery was empty, the output returns after so long. */
  restart_delay: durationSchema.prefault('10s'),
  self_test: durationSchema.prefault('10s'),
  /** The phases of mains that it hangs on: one, or all three. It works on its battery as soon as one of them is bad. */
  lines: z
    .array(z.union([z.literal(1), z.literal(2), z.literal(3)]))
    .min(1)
    .max(3)
    .default([1]),
});

const coolingSchema = z.strictObject({
  capacity_watts: z.number().positive(),
  setpoint: z.number().min(10).max(35).default(23),
  /** Starts above set point + this, stops below set point − this. */
  hysteresis: z.number().min(0.1).max(5).default(0.8),
  /** The compressor's rest after its supply came back. */
  restart_delay: durationSchema.prefault('3m'),
  /** Electric watts at full output; fed by mains, not by the UPS. */
  power_watts: z.number().positive().default(2300),
  /** Three-phase motors have a guard that stops them when a phase is lost. */
  lines: z
    .array(z.union([z.literal(1), z.literal(2), z.literal(3)]))
    .min(1)
    .max(3)
    .default([1, 2, 3]),
});

const roomSchema = z.strictObject({
  temperature: z.number().default(23.4),
  humidity: z.number().min(0).max(100).default(45),
  outside_temperature: z.number().default(27),
  outside_humidity: z.number().min(0).max(100).default(60),
  /** Air, equipment and walls: joules for one kelvin. */
  heat_capacity: z.number().positive().default(450_000),
  /** Watts through the walls for each kelvin of difference. */
  leak_watts_per_kelvin: z.number().min(0).default(80),
  /** People, lamps. */
  other_heat_watts: z.number().min(0).default(150),
  /** Servers and arrays switch themselves off, hard, above this. */
  equipment_limit: z.number().min(30).max(90).default(55),
  /** How fast a fire grows: watts for each square second (NFPA 72 annex B: slow 2.9, medium 11.7, fast 46.9), and at most. */
  fire: z
    .strictObject({
      growth: z.number().positive().default(2.9),
      most_watts: z.number().positive().default(30_000),
      /** Smoke reaches a detector after this, and so much more for each metre. */
      smoke_delay: durationSchema.prefault('20s'),
      smoke_delay_per_metre: durationSchema.prefault('12s'),
    })
    .prefault({}),
});

const spread = z.strictObject({
  typical: durationSchema,
  /** Half the width as a share of `typical`: 0.2 is ±20 %. */
  spread: share.default(0.2),
});

const consumerSchema = z.strictObject({
  /** A server or an array loses data when its supply goes while it runs. */
  watts: z.strictObject({
    running: z.number().min(0),
    /** Plugged in and switched off: the management controller. */
    off: z.number().min(0).default(0),
    starting: z.number().min(0).optional(),
    /** While a backup runs. */
    busy: z.number().min(0).optional(),
  }),
  boot: spread.prefault({ typical: '5s' }),
  shutdown: spread.optional(),
  backup: spread.optional(),
  backup_fails: share.default(0),
  /** Starts by itself when its outlet gets power. */
  restore_on_power: z.boolean().default(true),
  /** A management controller (IPMI, Redfish). Without this: servers and arrays have one. */
  bmc: z.boolean().optional(),
});

const sensorSchema = z.strictObject({
  kind: z.enum(['climate', 'smoke', 'heat', 'leak', 'contact', 'motion', 'button', 'siren']),
  interval: durationSchema.prefault('30s'),
  /** Against the room's mean, in kelvin, plus `heat_gain` kelvin for each kilowatt of load. */
  offset: z.number().default(0),
  heat_gain: z.number().default(0),
  noise: z.number().min(0).default(0.05),
  drift_per_day: z.number().default(0),
  /** Heat detectors: they trip at this temperature (EN 54-5 class A1: 54 to 65 °C). */
  trips_at: z.number().default(57),
  battery_percent: z.number().min(0).max(100).default(92),
  linkquality: z.number().int().min(0).max(255).default(120),
});

export const simulationSchema = z.strictObject({
  seed: z.union([z.number(), z.string()]).default(1),
  mains: z.strictObject({ voltage: z.number().default(220), frequency: z.number().default(50) }).prefault({}),
  room: roomSchema.prefault({}),
  ups: z.record(idSchema, upsSchema),
  cooling: z.record(idSchema, coolingSchema).default({}),
  pdus: z
    .record(
      idSchema,
      z.strictObject({ outlets: z.number().int().min(1).max(48).default(8), own_watts: z.number().default(6) }),
    )
    .default({}),
  consumers: z.record(idSchema, consumerSchema).default({}),
  sensors: z.record(idSchema, sensorSchema).default({}),
});

export type SimulationSpec = z.infer<typeof simulationSchema>;
export type UpsSpec = z.infer<typeof upsSchema>;
export type BatterySpec = z.infer<typeof batterySchema>;
export type CoolingSpec = z.infer<typeof coolingSchema>;
export type ConsumerSpec = z.infer<typeof consumerSchema>;
export type SensorSpec = z.infer<typeof sensorSchema>;
export type RoomSpec = z.infer<typeof roomSchema>;
