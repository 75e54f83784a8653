import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

/** Work on several cores: the same pieces of work, whichever thread takes them. */

/** Work that makes much and keeps little: three times V8's own measure costs a tenth less. */
const YOUNG_MB = 128;

export const coreCount = (): number => availableParallelism();

/**
 * Hands the pieces out one after the other to `threads` workers of this module and gives the answers as they come.
 * The first worker that fails ends all.
 */
export async function workOnThreads<Piece, Answer>(
  module: URL,
  pieces: Iterable<Piece>,
  threads: number,
  onAnswer: (answer: Answer) => void,
): Promise<void> {
  const waiting = pieces[Symbol.iterator]();
  const workers = new Set<Worker>();
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(module, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
      workers.add(worker);
      const next = (): void => {
        const piece = waiting.next();
        if (piece.done === true) {
          workers.delete(worker);
          worker.terminate().then(() => resolve(), reject);
        } else worker.postMessage(piece.value);
      };
      worker.on('message', (answer: Answer) => {
        onAnswer(answer);
        next();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        if (workers.has(worker)) reject(new Error(`a worker ended by itself with ${code}`));
      });
      next();
    });
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    for (const worker of [...workers]) {
      workers.delete(worker);
      await worker.terminate();
    }
  }
}

/** The other side, in the worker's module: answers each piece in turn. In the main thread it does nothing. */
export function answerOnThread<Piece, Answer>(answer: (piece: Piece) => Promise<Answer>): void {
  if (isMainThread || parentPort === null) return;
  const port = parentPort;
  port.on('message', (piece: Piece) => {
    answer(piece).then(
      (done) => port.postMessage(done),
      (error: unknown) => {
        throw error;
      },
    );
  });
}
