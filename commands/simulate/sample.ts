import { ZhishouError } from '#core/errors.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import type { SampleSite } from '#simulators/swarm/sample-site.ts';
import { describeProblem, loadSite, SAMPLE_CONFIG } from '../configuration.ts';

/** The sample configuration, on which every case of the swarm is built. Nothing of it stays behind. */
export function loadSample(): SampleSite {
  const secrets = makeTemporaryFolder('zhishou-swarm-');
  try {
    const { config, simulation, problems } = loadSite(SAMPLE_CONFIG, {
      secretsDirectory: secrets.path,
      profiles: 'named',
    });
    if (config === null || simulation === null)
      throw new ZhishouError('BAD_CONFIGURATION', SAMPLE_CONFIG, problems.map(describeProblem).join('\n'));
    return { config, simulation };
  } finally {
    secrets.remove();
  }
}
