import type { REDFISH_RESETS } from '#core/config/connections.ts';

/** What a simulated management controller can do to the machine behind it. */
export type PowerOrder = 'soft' | 'off' | 'on' | 'cycle' | 'reset';

export interface PowerSwitch {
  /** The chassis draws power, while it starts and stops too; null: the controller does not answer. */
  power(): 'on' | 'off' | null;
  /** `over` is the address that the order came over: `redfish 127.0.0.1:20231`. */
  order(order: PowerOrder, over: string): 'accepted' | 'refused' | 'unreachable';
}

export type RedfishReset = (typeof REDFISH_RESETS)[number];

export const ORDER_OF: Readonly<Record<RedfishReset, PowerOrder>> = {
  GracefulShutdown: 'soft',
  ForceOff: 'off',
  On: 'on',
  ForceOn: 'on',
  PowerCycle: 'cycle',
  GracefulRestart: 'reset',
};

/** What the simulated controllers offer. */
export const REDFISH_OFFER: readonly RedfishReset[] = [
  'On',
  'ForceOff',
  'GracefulShutdown',
  'GracefulRestart',
  'PowerCycle',
];
