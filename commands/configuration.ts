import { join, resolve } from 'node:path';
import type { Config, ConfigProblem } from '#core/config/config.ts';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { loadYaml } from '#platform/config/load-yaml.ts';
import type { WantedProfiles } from '#platform/config/profile-files.ts';
import { environmentVariables, fileMatches, makeTemporaryFolder, yamlFiles } from '#platform/environment.ts';
import { ensureSimulatorSecrets } from '#simulators/devices/secrets.ts';
import { type SimulationSpec, simulationSchema } from '#simulators/world/spec.ts';

/** Where configurations are found, and how the sample room's comes to its secrets. */

export const PROJECT_ROOT = resolve(import.meta.dirname, '..');
export const SAMPLE_CONFIG = join(PROJECT_ROOT, 'config');

/** The variables of the sample configuration that name ports: whoever runs it beside another gives each a free one. */
export const PORT_VARIABLES = [
  'SIM_UPS_1_PORT',
  'SIM_AC_1_PORT',
  'SIM_PDU_1_PORT',
  'SIM_SERVER_1_PORT',
  'SIM_SERVER_2_PORT',
  'SIM_SERVER_3_PORT',
  'SIM_ARRAY_1_PORT',
  'SIM_SWITCH_1_PORT',
  'SIM_BMC_1_PORT',
  'ZHISHOU_MQTT_PORT',
  'ZHISHOU_TRAP_PORT',
  'ZHISHOU_SMTP_PORT',
  'ZHISHOU_WEBHOOK_PORT',
  'ZHISHOU_HTTP_PORT',
] as const;

export const configDirectory = (given: string | null | undefined): string => resolve(given ?? SAMPLE_CONFIG);

/** Is it a simulated room? Asked before the configuration is read, because its secrets must be there by then. */
export const isSimulation = (directory: string): boolean =>
  fileMatches(join(directory, 'site.yaml'), /^simulation:\s*true\b/m);

export interface LoadedSite {
  readonly config: Config | null;
  readonly problems: readonly ConfigProblem[];
  /** The simulated room's figures; null for a real one. */
  readonly simulation: SimulationSpec | null;
}

/** Reads a configuration. A simulated room's secrets are made under `secretsDirectory` first. */
export function loadSite(
  directory: string,
  options: {
    readonly secretsDirectory: string;
    readonly variables?: Readonly<Record<string, string>>;
    /** Make the simulated room's secrets also when site.yaml is too broken to tell whether it is one. */
    readonly always?: boolean;
    readonly profiles?: WantedProfiles;
  },
): LoadedSite {
  const simulated = isSimulation(directory);
  if (simulated || options.always === true) ensureSimulatorSecrets(options.secretsDirectory);
  const variables = {
    ...environmentVariables(),
    ...(simulated || options.always === true ? { SIM_SECRETS: options.secretsDirectory } : {}),
    ...options.variables,
  };
  const { config, problems } = loadConfig(directory, { variables, profiles: options.profiles ?? 'all' });
  if (!simulated) return { config, problems, simulation: null };
  const figures = loadYaml(join(directory, 'simulation.yaml'), simulationSchema, { variables });
  return {
    config: figures.value === null ? null : config,
    problems: [...problems, ...figures.problems],
    simulation: figures.value,
  };
}

/** Every mistake of a configuration, without leaving anything behind. */
export function findProblems(directory: string): Pick<LoadedSite, 'problems' | 'config'> {
  const secrets = makeTemporaryFolder('zhishou-check-');
  try {
    return loadSite(directory, { secretsDirectory: secrets.path, always: true });
  } finally {
    secrets.remove();
  }
}

/** The profiles of a configuration alone: a probe must work while the rest is still being written. */
export function loadProfiles(directory: string): readonly Profile[] {
  const own = join(directory, 'profiles');
  const folder = yamlFiles(own).length > 0 ? own : join(SAMPLE_CONFIG, 'profiles');
  return yamlFiles(folder).flatMap((name) => loadYaml(join(folder, name), profileSchema).value ?? []);
}

/** `config/devices.yaml:12:7 message; mend`, a problem a line. */
export const describeProblem = (problem: ConfigProblem): string =>
  `${problem.file}:${problem.line}:${problem.column} ${problem.message}\n    → ${problem.mend}`;
