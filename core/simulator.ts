import { z } from 'zod';

/** The simulated room's panel: what can be ordered and what it shows. In the demo and in drills only. */
export const simulatorCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mains'), present: z.boolean() }),
  z.strictObject({ kind: z.literal('smoke'), present: z.boolean() }),
  z.strictObject({ kind: z.literal('leak'), present: z.boolean() }),
  z.strictObject({ kind: z.literal('door'), open: z.boolean() }),
  z.strictObject({ kind: z.literal('cooling'), working: z.boolean() }),
  /** What the server does at its next backup or shutdown. */
  z.strictObject({
    kind: z.literal('fault'),
    device: z.string().max(63),
    fault: z.enum(['none', 'backup-fails', 'backup-hangs', 'shutdown-hangs', 'login-refused', 'silent']),
  }),
  z.strictObject({ kind: z.literal('battery'), chargePercent: z.number().min(1).max(100) }),
  /** The firmware multiplies its runtime by this. */
  z.strictObject({ kind: z.literal('firmware'), runtimeFactor: z.number().min(0.1).max(10) }),
  z.strictObject({ kind: z.literal('speed'), factor: z.number().min(1).max(600) }),
]);
export type SimulatorCommand = z.infer<typeof simulatorCommandSchema>;

/** The world's own truth, as the panel shows it. */
export interface SimulatorState {
  readonly at: string;
  readonly speed: number;
  readonly mains: boolean;
  readonly battery: {
    readonly chargePercent: number;
    readonly trueRemainingS: number | null;
    readonly runtimeFactor: number;
  };
  readonly loadWatts: number;
  readonly roomTemperatureC: number;
  /** Does it work? Without power, or cool enough, it may still be standing. */
  readonly cooling: boolean;
  readonly smoke: boolean;
  readonly leak: boolean;
  readonly doorOpen: boolean;
  readonly devices: readonly {
    readonly device: string;
    readonly state: 'running' | 'stopping' | 'off' | 'starting' | 'crashed';
    readonly powered: boolean;
    readonly fault: string;
    readonly backup: 'idle' | 'running' | 'done' | 'failed' | 'hung';
  }[];
}

/** A message that a catcher of the demo received: what would have reached the phone or the mailbox. */
export interface CaughtMessage {
  readonly at: string;
  readonly channel: 'webhook' | 'smtp';
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}
