import { Secret } from '#core/secret.ts';
import { httpChannelContract } from '../channel.contract.ts';
import type { Seen } from './other-side.ts';

/** Each other side as its maker documents it; the documents are named in the channels' docstrings. */

interface Card {
  readonly header: { readonly title: { readonly content: string } };
  readonly elements: readonly { readonly text: { readonly content: string } }[];
}

type Loose = { readonly [key: string]: Loose } & string;
const json = (seen: Seen): Loose => JSON.parse(seen.body.toString('utf8')) as Loose;
const answer = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) });

httpChannelContract({
  kind: 'wecom',
  config: (origin) => ({ kind: 'wecom', url: new Secret(`${origin}/cgi-bin/webhook/send?key=KEY-693a91f6`) }),
  taken: answer({ errcode: 0, errmsg: 'ok' }),
  refusals: [{ reply: answer({ errcode: 40058, errmsg: 'markdown.content exceed max length 4096' }), why: 'too long' }],
  delays: [
    { reply: answer({ errcode: 45009, errmsg: 'api freq out of limit' }), code: 'TOO_MANY', why: '20 a minute' },
    { reply: answer({ errcode: -1, errmsg: 'system busy' }), code: 'BAD_ANSWER', why: 'busy' },
    { reply: answer({ errcode: 99999, errmsg: 'new' }), code: 'BAD_ANSWER', why: 'a code that we do not know' },
  ],
  nonsense: { body: '<html>ok</html>' },
  words: (seen) => json(seen).markdown!.content!,
  secrets: ['KEY-693a91f6'],
});

httpChannelContract({
  kind: 'dingtalk',
  config: (origin) => ({
    kind: 'dingtalk',
    url: new Secret(`${origin}/robot/send?access_token=TOKEN-566cc69da782ec`),
    secret: new Secret('SEC-this-is-secret'),
  }),
  taken: answer({ errcode: 0, errmsg: 'ok' }),
  refusals: [{ reply: answer({ errcode: 310000, errmsg: 'sign not match' }), why: 'the signature' }],
  delays: [
    {
      reply: answer({ errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' }),
      code: 'TOO_MANY',
      why: '20 a minute',
    },
  ],
  nonsense: answer([]),
  words: (seen) => json(seen).markdown!.text!,
  secrets: ['TOKEN-566cc69da782ec', 'SEC-this-is-secret'],
});

httpChannelContract({
  kind: 'feishu',
  config: (origin) => ({
    kind: 'feishu',
    url: new Secret(`${origin}/open-apis/bot/v2/hook/HOOK-0ac2-77f1`),
    secret: new Secret('feishu-secret-1'),
  }),
  taken: answer({ code: 0, msg: 'success', data: {}, StatusCode: 0, StatusMessage: 'success' }),
  refusals: [
    { reply: answer({ code: 9499, msg: 'Bad Request', data: {} }), why: 'the form' },
    {
      reply: answer({ code: 19021, msg: 'sign match fail or timestamp is not within one hour' }),
      why: 'the signature',
    },
    { reply: answer({ code: 19022, msg: 'Ip Not Allowed' }), why: 'the address' },
    { reply: answer({ code: 19024, msg: 'Key Words Not Found' }), why: 'the keyword' },
  ],
  delays: [{ reply: answer({ code: 11232, msg: 'frequency limited' }), code: 'TOO_MANY', why: 'too often' }],
  nonsense: answer('ok'),
  words: (seen) => {
    const { header, elements } = json(seen).card as unknown as Card;
    return `${header.title.content}\n${elements[0]!.text.content}`;
  },
  secrets: ['HOOK-0ac2-77f1', 'feishu-secret-1'],
});

httpChannelContract({
  kind: 'ntfy',
  config: (origin) => ({ kind: 'ntfy', url: origin, token: new Secret('tk_AgQdq7mVBoFD37zQVN29') }),
  taken: answer({ id: 'x', event: 'message' }),
  to: 'room-h7Gk2',
  words: (seen) => `${json(seen).title}\n${json(seen).message}`,
  key: (seen) => json(seen).sequence_id,
  secrets: ['tk_AgQdq7mVBoFD37zQVN29'],
});

httpChannelContract({
  kind: 'webhook',
  config: (origin) => ({
    kind: 'webhook',
    url: `${origin}/message?key=QUERY-KEY-1`,
    headers: { authorization: new Secret('Bearer W-TOKEN-1') },
    secret: new Secret('hmac-secret-1'),
  }),
  taken: { status: 204 },
  words: (seen) => `${json(seen).subject}\n${json(seen).body}`,
  key: (seen) => seen.headers['idempotency-key'],
  secrets: ['QUERY-KEY-1', 'W-TOKEN-1', 'hmac-secret-1'],
});

httpChannelContract({
  kind: 'sms-http',
  config: (origin) => ({
    kind: 'sms-http',
    url: `${origin}/send`,
    form: {
      account: new Secret('ACCOUNT-1'),
      password: new Secret('PASS-WORD-1'),
      mobile: '{number}',
      content: '{sms}',
      id: '{id}',
    },
    success: { json: 'code', equals: ['0'] },
    refused: { json: 'code', equals: ['103', '109'] },
    segments: 10,
  }),
  taken: answer({ code: '0', msgid: '1' }),
  refusals: [
    { reply: answer({ code: '103', errorMsg: 'no such number' }), why: 'the number' },
    { reply: answer({ code: '109', errorMsg: 'no balance for ACCOUNT-1' }), why: 'no money' },
  ],
  delays: [{ reply: answer({ code: '108', errorMsg: 'busy' }), code: 'BAD_ANSWER', why: 'busy' }],
  nonsense: { body: 'ok' },
  to: '+86 138 0000 0000',
  words: (seen) => new URLSearchParams(seen.body.toString('utf8')).get('content') ?? '',
  key: (seen) => new URLSearchParams(seen.body.toString('utf8')).get('id'),
  secrets: ['ACCOUNT-1', 'PASS-WORD-1'],
});

httpChannelContract({
  kind: 'alertmanager',
  config: (origin) => ({ kind: 'alertmanager', url: origin, token: new Secret('AM-TOKEN-12') }),
  taken: { status: 200 },
  words: (seen) => {
    const [alert] = json(seen) as unknown as { annotations: Record<string, string> }[];
    return `${alert!.annotations.summary_zh}\n${alert!.annotations.description_zh}`;
  },
  secrets: ['AM-TOKEN-12'],
});
