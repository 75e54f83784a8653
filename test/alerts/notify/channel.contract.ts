import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '#core/notification.ts';
import { createScene, failureOf, message, type Reply, type Scene, type Seen } from './channels/other-side.ts';

/** What every channel over HTTP owes, whatever the other side's dialect. */
export interface HttpChannelUnderTest {
  readonly kind: string;
  /** Its configuration, the other side at `origin`. */
  config(origin: string): Record<string, unknown>;
  /** Answers as the other side does when it has taken a message. */
  readonly taken: Reply;
  /** Answers as it does when it refuses for good, beside HTTP 400. */
  readonly refusals?: readonly { readonly reply: Reply; readonly why: string }[];
  /** And when it wants to be asked again. */
  readonly delays?: readonly { readonly reply: Reply; readonly code: string; readonly why: string }[];
  /** An answer of HTTP 200 that is nonsense in its protocol. */
  readonly nonsense?: Reply;
  /** What people get to read, out of what was sent. */
  words(seen: Seen): string;
  /** Where the protocol has a place for an idempotency key. */
  key?(seen: Seen): unknown;
  /** Credentials of the configuration, which stand in no error. */
  readonly secrets: readonly string[];
  readonly to?: string;
}

export function httpChannelContract(sut: HttpChannelUnderTest): void {
  describe(`the ${sut.kind} channel, as every channel over HTTP`, () => {
    let scene: Scene = createScene();
    afterEach(async () => {
      await scene.end();
      scene = createScene();
    });
    const outgoing: OutgoingMessage = { ...message, to: sut.to ?? message.to };
    const facing = async (answer: (seen: Seen) => Reply | null, more: Record<string, unknown> = {}) => {
      const other = await scene.httpServer(answer);
      return { ...other, channel: scene.channel({ ...sut.config(other.origin), ...more }) };
    };
    const expectNoSecret = (error: unknown): void => {
      const shown = inspect(error, { depth: 6 });
      for (const secret of [...sut.secrets, outgoing.act!.link!]) expect(shown).not.toContain(secret);
    };

    it('delivers Chinese text and ℃ intact', async () => {
      const { channel, seen } = await facing(() => sut.taken);
      await channel.send(outgoing);
      expect(seen).toHaveLength(1);
      const words = sut.words(seen[0]!);
      for (const part of ['【模拟】紧急：机柜 A 温度过高 38.5 ℃', '后果：设备过热关机']) expect(words).toContain(part);
    });

    if (sut.key !== undefined) {
      const { key } = sut;
      it('names the delivery, the same however often it is sent', async () => {
        const { channel, seen } = await facing(() => sut.taken);
        await channel.send(outgoing);
        await channel.send(outgoing);
        expect(seen.map(key)).toEqual(['d1-1', 'd1-1']);
      });
    }

    it.each<[number, string, boolean, string]>([
      [400, 'REFUSED', false, 'repeating it will not help'],
      [401, 'REFUSED', false, 'wrong credentials'],
      [404, 'REFUSED', false, 'wrong address'],
      [408, 'BAD_ANSWER', true, 'their time-out'],
      [429, 'TOO_MANY', true, 'later'],
      [500, 'BAD_ANSWER', true, 'their trouble'],
      [503, 'BAD_ANSWER', true, 'their trouble'],
      [302, 'BAD_ANSWER', true, 'a redirect is not followed with our credentials'],
    ])('HTTP %i is %s, retryable %s: %s', async (status, code, retryable) => {
      const elsewhere = await scene.httpServer(() => sut.taken);
      const { channel } = await facing(({ url, headers, body }) => ({
        status,
        headers: { location: `${elsewhere.origin}/` },
        // A server that repeats what it was sent, with the credentials in it.
        body: `${url} ${JSON.stringify(headers)} ${body.toString('utf8')}`,
      }));
      const failure = await failureOf(channel.send(outgoing));
      expect(failure).toMatchObject({ code, retryable });
      expectNoSecret(failure);
      expect(elsewhere.seen).toHaveLength(0);
    });

    for (const { reply, why } of sut.refusals ?? []) {
      it(`is refused for good: ${why}`, async () => {
        const { channel } = await facing(() => reply);
        const failure = await failureOf(channel.send(outgoing));
        expect(failure).toMatchObject({ code: 'REFUSED', retryable: false });
        expectNoSecret(failure);
      });
    }

    for (const { reply, code, why } of sut.delays ?? []) {
      it(`may try again: ${why}`, async () => {
        const { channel } = await facing(() => reply);
        expect(await failureOf(channel.send(outgoing))).toMatchObject({ code, retryable: true });
      });
    }

    const { nonsense } = sut;
    if (nonsense !== undefined) {
      it('takes nonsense with HTTP 200 for no success', async () => {
        const { channel } = await facing(() => nonsense);
        expect(await failureOf(channel.send(outgoing))).toMatchObject({ code: 'BAD_ANSWER', retryable: true });
      });
    }

    it('reads no more than it must of an endless answer', async () => {
      const { channel } = await facing(() => ({ status: 500, body: 'x'.repeat(5_000_000) }));
      const failure = await failureOf(channel.send(outgoing));
      expect(failure.message.length).toBeLessThan(500);
    });

    it('may try again when nothing listens and when nothing is answered, and tells no secret', async () => {
      const closed = scene.channel(sut.config(`http://127.0.0.1:${await scene.closedPort()}`));
      const unreachable = await failureOf(closed.send(outgoing));
      expect(unreachable).toMatchObject({ code: 'UNREACHABLE', retryable: true });
      expectNoSecret(unreachable);
      const mute = scene.channel({
        ...sut.config(`http://127.0.0.1:${await scene.muteServer()}`),
        timeout: '200ms',
      });
      const late = await failureOf(mute.send(outgoing));
      expect(late).toMatchObject({ code: 'TIMED_OUT', retryable: true });
      expectNoSecret(late);
    });

    it('ends everything with close, twice too', async () => {
      const { channel } = await facing(() => sut.taken);
      const cancel = channel.listen?.(() => {});
      await channel.send(outgoing);
      cancel?.();
      await channel.close();
      await channel.close();
    });
  });
}
