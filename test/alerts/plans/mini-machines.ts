import { seconds } from '#core/time.ts';

/** The machines of the small world, as the sample configuration plugs them in. */

export type Fault = 'backup-fails' | 'backup-hangs' | 'shutdown-hangs' | 'login-refused' | 'unstoppable';

export interface Machine {
  state: 'running' | 'stopping' | 'off' | 'starting';
  outlet: number;
  on: boolean;
  watts: number;
  backups: Set<string>;
  lost: boolean;
}

export const PORTS: Readonly<Record<number, string>> = {
  20221: 'server-1',
  20222: 'server-2',
  20223: 'server-3',
  20224: 'array-1',
  20225: 'switch-1',
};
export const OUTLETS = ['', 'server-1', 'server-2', 'server-3', 'array-1', 'switch-1', 'display-1', 'monitor-1'];
const WATTS = [0, 430, 480, 390, 520, 150, 360, 60];
/** The inverter stops here: the last percents are never delivered. */
export const EMPTY = 4;
export const TICK_S = 5;
export const TAKES = { backup: seconds(290), shutdown: seconds(80), boot: seconds(150) };

export const newMachines = (): Map<string, Machine> =>
  new Map(
    OUTLETS.slice(1).map((device, i) => [
      device,
      { state: 'running', outlet: i + 1, on: true, watts: WATTS[i + 1] ?? 0, backups: new Set(), lost: false },
    ]),
  );
