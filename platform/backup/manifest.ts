import { join } from 'node:path';
import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import { readText, writeAtomically } from '../files.ts';

/** What a backup consists of. Written last: a folder without it is no backup. */
export const MANIFEST = 'manifest.json';

const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** The program that made it. */
  program: z.string(),
  madeAt: z.iso.datetime(),
  files: z.array(
    z.strictObject({
      /** Within the folder, with slashes; never out of it. */
      path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\\0]+$/),
      bytes: z.number().int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      kind: z.enum(['sqlite', 'file']),
    }),
  ),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type BackupFile = Manifest['files'][number];

export const writeManifest = (folder: string, manifest: Manifest): void =>
  writeAtomically(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);

/** Throws NOT_FOUND where there is none, BAD_REQUEST when it is not one of ours. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  const text = readText(file);
  if (text === null) throw new ZhishouError('NOT_FOUND', file, 'no whole backup is here: the manifest is written last');
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ZhishouError('BAD_REQUEST', file, 'it is no manifest of a backup that this program knows', {
      cause: error,
    });
  }
}
