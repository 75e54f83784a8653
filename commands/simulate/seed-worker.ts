import { answerOnThread } from '#platform/worker-pool.ts';
import { runSeed } from './run-seed.ts';
import { loadSample } from './sample.ts';

/** A thread of the swarm: seeds in, verdicts out. */
const sample = loadSample();
answerOnThread((seed: number) => runSeed(seed, sample));
