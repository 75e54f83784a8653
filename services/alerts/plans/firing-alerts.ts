import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import { alertRulesOf } from './compile.ts';
import type { FiringAlert } from './state.ts';

/** The alerts that fire now, of rules that some plan names: what an incident is told when it opens and while it is open. */
export class FiringAlerts {
  readonly #rules: ReadonlySet<string>;
  readonly #config: Config;
  readonly #firing = new Map<string, FiringAlert>();

  constructor(config: Config) {
    this.#config = config;
    this.#rules = new Set(config.plans.flatMap(alertRulesOf));
  }

  /** Null: no plan asks for it. */
  take(alert: AlertView): { readonly firing: FiringAlert | null } | null {
    if (!this.#rules.has(alert.rule)) return null;
    if (alert.state !== 'firing' && alert.state !== 'acknowledged') {
      this.#firing.delete(alert.id);
      return { firing: null };
    }
    const device = this.#config.devices.find((one) => one.id === alert.device);
    const firing: FiringAlert = {
      rule: alert.rule,
      device: alert.device,
      deviceName: device?.name ?? { zh: alert.device, en: alert.device },
      key: `${alert.id}@${alert.since}`,
    };
    this.#firing.set(alert.id, firing);
    return { firing };
  }

  /** Those of these rules, by id. */
  of(rules: readonly string[]): Record<string, FiringAlert> {
    return Object.fromEntries(
      [...this.#firing].filter(([, { rule }]) => rules.includes(rule)).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}
