import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Register } from '#core/config/register.ts';
import { ZhishouError } from '#core/errors.ts';
import { OPEN_ENTRIES } from '#core/paperwork/register-view.ts';
import { localMoment, stateLabel, type WordsOf } from '#core/paperwork/register-words.ts';
import type { Language } from '#core/text.ts';
import { toIso } from '#core/time.ts';
import { toPage } from '../paging.ts';
import { PAPER_TYPES } from '../period-reports/seams.ts';
import { drawFile, type FileFormat, type Names } from '../registers/draw-file.ts';
import type { PaperSite } from '../registers/register-paper.ts';
import { MOST_FILE_ROWS } from '../registers/register-table.ts';
import type { EntryFilter } from '../registers/register-words.ts';
import { problemSchema } from '../schemas/answers.ts';
import { callerOf } from './caller.ts';
import { API, type Context, type Server } from './context.ts';
import { entryFilterQuery, NEWEST_FIRST, ofEntry, ofRegister } from './registers.ts';

/** Registers and entries as files. What draws is loaded when somebody asks for it. */

const READER = { access: { who: 'viewer' } } as const;
const language = z.enum(['zh', 'en']).optional();

export function registerExportRoutes(server: Server, context: Context): void {
  listRoute(server, context);
  entryRoute(server, context);
}

const siteOf = ({ config, clock }: Context, wanted: Language): Omit<PaperSite, 'words'> => ({
  ...{ name: config.site.name[wanted], simulated: config.site.simulation, language: wanted },
  ...{ madeAt: toIso(clock.now()) },
});

function listRoute(server: Server, context: Context): void {
  const { config, clock, paperwork } = context;
  const { registers, whoIs } = paperwork;
  const names: Names = {
    people: Object.fromEntries(config.people.people.map(({ id, name }) => [id, name])),
    devices: Object.fromEntries(config.devices.map(({ id, name }) => [id, name])),
    zone: config.site.time_zone,
  };
  server.get(
    `${API}/registers/:register/export`,
    {
      config: READER,
      schema: {
        tags: ['registers'],
        summary:
          'The register as a file: csv and xlsx with every field (the newest 20,000), docx and pdf as a list (1,000)',
        params: ofRegister,
        querystring: z.strictObject({
          format: z.enum(['csv', 'xlsx', 'docx', 'pdf']).default('xlsx'),
          language,
          ...entryFilterQuery,
        }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ params, query: { format, language: wanted = config.site.language, ...filter }, caller }, reply) => {
      const register = registers.form(params.register);
      const found = registers.list(register.id, filter, whoIs(callerOf(caller)));
      const { page } = toPage(found, NEWEST_FIRST, { limit: found.length });
      const bytes = await drawFile({
        ...{ kind: 'list', format, register, names, entries: page.slice(0, MOST_FILE_ROWS) },
        ...{ filter: filterWords(register, filter, registers.words, wanted), site: siteOf(context, wanted) },
      });
      return send(reply, `${register.id}-${toIso(clock.now()).slice(0, 10)}`, format, bytes);
    },
  );
}

function entryRoute(server: Server, context: Context): void {
  const { config, paperwork } = context;
  const { registers, whoIs } = paperwork;
  server.get(
    `${API}/registers/:register/entries/:entry/export`,
    {
      config: READER,
      schema: {
        tags: ['registers'],
        summary: 'One entry as the form that is printed: its fields, signatures, whole history and photos',
        params: ofEntry,
        querystring: z.strictObject({ format: z.enum(['docx', 'pdf']).default('pdf'), language }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ params, query: { format, language: wanted = config.site.language }, caller }, reply) => {
      const who = whoIs(callerOf(caller));
      const view = registers.get(params.register, params.entry, who);
      const register = registers.form(params.register);
      const entry = registers.record(register.id, view.id);
      if (entry === null) throw new ZhishouError('NOT_FOUND', params.entry, 'no such entry');
      const { photosOf, signaturesOf } = await import('../registers/entry-pictures.ts');
      const { entryPaper } = await import('../registers/register-paper.ts');
      const { zone } = registers.words;
      const photos = entry.photos.map(({ id, at, by }) => ({
        ...registers.photo(register.id, entry.id, id, who),
        at,
        by,
      }));
      const pictures = {
        signatures: await signaturesOf(register, entry, view.history, wanted, zone),
        photos: await photosOf(photos, zone),
      };
      const paper = entryPaper(register, entry, view.history, pictures, {
        ...siteOf(context, wanted),
        words: registers.words,
      });
      return send(reply, `${register.id}-${entry.id}`, format, await drawFile({ kind: 'paper', format, paper }));
    },
  );
}

const send = (reply: FastifyReply, name: string, format: FileFormat, bytes: Buffer) =>
  reply.type(PAPER_TYPES[format]).header('content-disposition', `attachment; filename="${name}.${format}"`).send(bytes);

/** What the list was narrowed to stands on it: else a part is filed as the whole. */
function filterWords(
  register: Register,
  { search, state, from, to }: EntryFilter,
  words: WordsOf,
  wanted: Language,
): string {
  const say = (zh: string, en: string): string => ({ zh, en })[wanted];
  const shown = state === OPEN_ENTRIES ? say('未了结', 'open') : stateLabel(register, state ?? '')[wanted];
  const [first, last] = [from, to].map((at) => (at === undefined ? '' : localMoment(at, words.zone)));
  return [
    search === undefined ? '' : say(`搜索“${search}”`, `search “${search}”`),
    state === undefined ? '' : say(`状态：${shown}`, `state: ${shown}`),
    from === undefined ? '' : say(`自 ${first}`, `from ${first}`),
    to === undefined ? '' : say(`至 ${last}`, `to ${last}`),
  ]
    .filter((text) => text !== '')
    .join(say('，', ', '));
}
