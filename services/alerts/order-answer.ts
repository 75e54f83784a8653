import type { CommandResult, PersonCommand } from '#core/command.ts';
import type { ErrorCode } from '#core/errors.ts';
import type { Text } from '#core/text.ts';

/** What a person hears of an order. A refusal without its words in both languages is no answer: the type asks for them. */
export type OrderAnswer = CommandResult & ({ readonly ok: true } | { readonly ok: false; readonly detailText: Text });

export interface Refusal {
  readonly code: ErrorCode;
  /** For programs and logs. */
  readonly detail: string;
  /** For people, in their language. */
  readonly text: Text;
}

/** The English words serve programs and logs, too. */
export const refusal = (code: ErrorCode, zh: string, en: string): Refusal => ({ code, detail: en, text: { zh, en } });

export const carriedOut = ({ id }: Pick<PersonCommand, 'id'>, created: string | null = null): OrderAnswer => ({
  ...{ id, ok: true, error: null, detail: null, created },
});

/** `created`: what stands in the way, when it is what the person wanted to make. */
export const refused = (
  { id }: Pick<PersonCommand, 'id'>,
  { code, detail, text }: Refusal,
  created: string | null = null,
): OrderAnswer => ({ id, ok: false, error: code, detail, detailText: text, created });

export const NOT_RECORDED = refusal(
  'STORE_DOWN',
  '未能写入记录，没有执行',
  'it could not be recorded, and was not done',
);
