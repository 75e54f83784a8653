import type { z } from 'zod';
import { simulatorCommandSchema } from '#core/simulator.ts';

/** What can happen to the world from outside: the same for the panel, scenarios, drills and the swarm. */
export const worldCommandSchema = simulatorCommandSchema;
export type WorldCommand = z.infer<typeof worldCommandSchema>;
