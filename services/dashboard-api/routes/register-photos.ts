import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import { PHOTO_TYPES } from '#core/paperwork/register-entry.ts';
import type { EntryView } from '#core/paperwork/register-view.ts';
import { MOST_PHOTO_BYTES, readPhoto } from '../registers/read-photo.ts';
import { problemSchema } from '../schemas/answers.ts';
import { entrySchema } from '../schemas/register.ts';
import { callerOf } from './caller.ts';
import { API, type Context, type RequestTypes, type Server } from './context.ts';
import { ofEntry } from './registers.ts';

/** Photos of an entry, in a scope of its own: nowhere else does a body of these types mean anything. */

/** Opened as a page of its own a photo is downloaded, in a box that runs and loads nothing. */
const PHOTO_POLICY = "default-src 'none'; sandbox";

export async function registerPhotoRoutes(server: Server, { paperwork: { registers, whoIs } }: Context): Promise<void> {
  await server.register(async (inner) => {
    const scope = inner.withTypeProvider<RequestTypes>();
    scope.addContentTypeParser(
      [...PHOTO_TYPES],
      { parseAs: 'buffer' },
      async (_request: unknown, body: Buffer) => body,
    );
    scope.post(
      `${API}/registers/:register/entries/:entry/photos`,
      {
        config: { access: { who: 'viewer', scopes: ['paperwork:write'] } },
        bodyLimit: MOST_PHOTO_BYTES,
        schema: {
          tags: ['registers'],
          summary:
            'Add a photo: the bytes of a JPEG, PNG or WebP, 4 MB at most, without the camera’s notes; 20 an entry',
          params: ofEntry,
          response: { 201: entrySchema, default: problemSchema },
        },
      },
      async (request, reply): Promise<EntryView> => {
        const { register, entry } = request.params;
        if (!Buffer.isBuffer(request.body))
          throw new ZhishouError('BAD_REQUEST', 'photo', 'send a JPEG, PNG or WebP with its content type');
        const photo = { ...readPhoto(request.body), content: request.body };
        const view = registers.addPhoto(register, entry, photo, whoIs(callerOf(request.caller)));
        request.auditDetail = `${register}/${entry}: photo, ${photo.type}, ${photo.content.length} bytes`;
        reply.code(201);
        return view;
      },
    );
    scope.get(
      `${API}/registers/:register/entries/:entry/photos/:photo`,
      {
        config: { access: { who: 'viewer' } },
        schema: {
          tags: ['registers'],
          summary: 'The photo itself, for an image element; its id is its content',
          params: ofEntry.extend({ photo: z.string().regex(/^[0-9a-f]{32}$/) }),
          response: { 200: z.string(), default: problemSchema },
        },
      },
      async ({ params: { register, entry, photo }, caller }, reply) => {
        const { type, content } = registers.photo(register, entry, photo, whoIs(callerOf(caller)));
        return reply
          .header('content-security-policy', PHOTO_POLICY)
          .header('content-disposition', `inline; filename="${register}-${entry}.${type.slice('image/'.length)}"`)
          .header('cache-control', 'private, max-age=86400, immutable')
          .type(type)
          .send(content);
      },
    );
  });
}
