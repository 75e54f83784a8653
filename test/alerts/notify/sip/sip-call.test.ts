import { mkdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { sipCall } from '#core/config/channels-phone.ts';
import type { ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { ChannelNews } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import type { Softphone, SoftphoneEvent } from '#platform/baresip/softphone.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { baresipAccount, dialAddress } from '#services/alerts/notify/channels/sip/baresip-config.ts';
import { refusal } from '#services/alerts/notify/channels/sip/call.ts';
import { createSipCallChannel } from '#services/alerts/notify/channels/sip/sip-call-channel.ts';
import { T0 } from '../../support.ts';
import { MESSAGE } from '../gammu/gammu.contract.ts';

const CONFIG = { kind: 'sip-call', server: '127.0.0.1', user: 'zhishou', register: false };

/** A telephone without a line: it does what it is told, and says what the test says. */
function fakePhone() {
  const commands: string[] = [];
  const handlers = new Set<(event: SoftphoneEvent) => void>();
  let gone = (_why: string): void => {};
  const ended = new Promise<string>((resolve) => {
    gone = resolve;
  });
  const phone: Softphone = {
    async command(name, params = '') {
      commands.push(`${name} ${params}`.trim());
      return '';
    },
    onEvent(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    ended,
    stop: async () => gone('stopped'),
  };
  const say = (type: string, param = '', incoming = false): void => {
    for (const handler of [...handlers]) handler({ type, param, incoming });
  };
  return { phone, commands, say, gone: (why: string) => gone(why) };
}

describe('the call channel', () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  function open(more: Record<string, unknown> = {}) {
    const clock = createVirtualClock(T0);
    const phones: ReturnType<typeof fakePhone>[] = [];
    const spoken: string[] = [];
    const channel = createSipCallChannel('call', sipCall.parse({ ...CONFIG, ...more }), {
      clock,
      log: silentLog,
      openPhone: async (folder) => {
        mkdirSync(folder, { recursive: true });
        const made = fakePhone();
        phones.push(made);
        return made.phone;
      },
      speak: async (text) => {
        spoken.push(text);
        return new Int16Array(8000).fill(1000);
      },
    });
    cleanUps.push(() => channel.close());
    const news: ChannelNews[] = [];
    channel.listen?.((one) => news.push(one));
    const ends: (string | undefined)[] = [];
    const send = (message: Partial<OutgoingMessage> = {}): Promise<void> => {
      const sent = channel.send({ ...MESSAGE, ...message });
      sent.then(
        () => ends.push('told'),
        (error: ZhishouError) => ends.push(error.code),
      );
      sent.catch(() => {});
      return clock.advanceByAsync(seconds(0));
    };
    const settle = (s = 0): Promise<void> => clock.advanceByAsync(seconds(s));
    const dialled = (): string[] => phones.flatMap(({ commands }) => commands.filter((one) => one.startsWith('dial')));
    return { clock, channel, phones, news, ends, send, settle, spoken, dialled };
  }

  it('rings, says the message from its beginning when somebody answers, and is told when it was heard once', async () => {
    const { phones, ends, send, settle } = open();
    await send();
    const [{ commands, say }] = phones as [ReturnType<typeof fakePhone>];
    expect(commands).toEqual(['ausrc aufile,ringing.wav', 'dial sip:13800138000@127.0.0.1:5060']);
    say('CALL_RINGING');
    await settle(20);
    say('CALL_ESTABLISHED');
    expect(commands.at(-1)).toBe('ausrc aufile,message.wav');
    await settle(3);
    expect(ends).toEqual([]);
    await settle(1);
    expect(ends).toEqual(['told']);
  });

  it('1 acknowledges once, by whichever way the key came, and thanks; 9 says it again', async () => {
    const { phones, ends, news, send, settle } = open();
    await send();
    const [{ commands, say }] = phones as [ReturnType<typeof fakePhone>];
    say('CALL_DTMF_START', '1');
    expect(news).toEqual([]);
    say('CALL_ESTABLISHED');
    say('CALL_DTMF_START', '9');
    expect(commands.filter((one) => one === 'ausrc aufile,message.wav')).toHaveLength(2);
    for (const key of ['1', '1', '9']) say('CALL_DTMF_START', key);
    expect(news).toEqual([{ kind: 'answer', from: MESSAGE.to, text: '1', delivery: MESSAGE.id }]);
    expect(commands.at(-1)).toBe('ausrc aufile,thanks.wav');
    say('CALL_CLOSED', 'end of file');
    await settle();
    expect(ends).toEqual(['told']);
  });

  it('nobody answers: it hangs up after the ringing time, and the line is free for the next', async () => {
    const { phones, ends, send, settle, dialled } = open();
    await send();
    await send({ id: 'second', to: '13900139000' });
    expect(dialled()).toHaveLength(1);
    await settle(41);
    expect(phones[0]?.commands).toContain('hangup');
    phones[0]?.say('CALL_CLOSED', '487 Request Terminated');
    await settle();
    expect(ends).toEqual(['TIMED_OUT']);
    expect(dialled()).toHaveLength(2);
  });

  it('a telephone that never says that the call is over holds the line for no longer than a moment', async () => {
    const { ends, send, settle, dialled } = open();
    await send();
    await send({ id: 'second', to: '13900139000' });
    await settle(46);
    expect(ends).toEqual(['TIMED_OUT']);
    expect(dialled()).toHaveLength(2);
  });

  it('one call a person at a time, also with lines to spare; the most severe goes first', async () => {
    const { phones, send, settle, dialled } = open({ lines: 2 });
    await send({ id: 'a' });
    await send({ id: 'b' });
    await send({ id: 'c', to: '13900139000', severity: 'low' });
    await send({ id: 'd', to: '13700137000', severity: 'low' });
    await send({ id: 'e', to: '13600136000', severity: 'high' });
    expect(dialled().map((one) => one.slice(9, 20))).toEqual(['13800138000', '13900139000']);
    const other = phones.find(({ commands }) => commands.some((one) => one.includes('13900139000')));
    other?.say('CALL_CLOSED', '486 Busy Here');
    await settle();
    expect(dialled().some((one) => one.includes('13600136000'))).toBe(true);
    expect(dialled().filter((one) => one.includes('13800138000'))).toHaveLength(1);
  });

  it('the same delivery handed over again while it rings is the same call', async () => {
    const { ends, phones, send, settle, dialled } = open({ lines: 2 });
    await send();
    await send();
    expect(dialled()).toHaveLength(1);
    phones.find(({ commands }) => commands.length > 0)?.say('CALL_CLOSED', '486 Busy Here');
    await settle();
    expect(ends).toEqual(['UNREACHABLE', 'UNREACHABLE']);
  });

  it('a telephone that ends in the middle fails the call, is started again, and the next call goes over the new one', async () => {
    const { ends, phones, send, settle } = open();
    await send();
    phones[0]?.gone('baresip ended (SIGSEGV)');
    await settle(2);
    expect(ends).toEqual(['UNREACHABLE']);
    expect(phones).toHaveLength(2);
    await send({ id: 'again' });
    expect(phones[1]?.commands).toContain('dial sip:13800138000@127.0.0.1:5060');
  });

  it('who calls us is not talked to, and does not disturb a call of ours', async () => {
    const { ends, phones, send, settle } = open();
    await settle();
    phones[0]?.say('CALL_INCOMING', 'sip:x@y', true);
    expect(phones[0]?.commands).toEqual(['hangup']);
    await send();
    phones[0]?.say('CALL_CLOSED', 'Connection reset by user', true);
    await settle();
    expect(ends).toEqual([]);
  });

  it('refuses what is no telephone number, for good', async () => {
    const { ends, send } = open();
    await send({ to: 'ann@example.com' });
    await send({ to: '138;transport=tcp' });
    expect(ends).toEqual(['REFUSED', 'REFUSED']);
  });

  it('what waits is told that it stopped', async () => {
    const { channel, ends, send, settle } = open();
    await send();
    await send({ id: 'second' });
    await channel.close();
    await settle();
    expect(ends.sort()).toEqual(['UNREACHABLE', 'UNREACHABLE']);
  });
});

describe('what the exchange is told', () => {
  const config = sipCall.parse({ ...CONFIG, dial: '9{number}', password: new Secret('p4ss!word'), register: true });

  it('the account with its password, and the number as it wants it dialled', () => {
    expect(baresipAccount(config)).toBe(
      '<sip:zhishou@127.0.0.1:5060;transport=udp>;auth_user=zhishou;auth_pass=p4ss!word;regint=120;audio_codecs=PCMA,PCMU;answermode=manual',
    );
    expect(dialAddress(config, '13800138000')).toBe('sip:913800138000@127.0.0.1:5060');
    expect(dialAddress({ ...config, server: '2001:db8::1' }, '1')).toBe('sip:91@[2001:db8::1]:5060');
  });

  it('a password that would break out of its line is refused by the configuration, without being shown', () => {
    for (const password of ['a;auth_user=b', 'a\nb', 'a"b', 'a b']) {
      const parsed = sipCall.safeParse({ ...CONFIG, password: new Secret(password) });
      expect(parsed.success).toBe(false);
      expect(JSON.stringify(parsed.error)).not.toContain(password);
    }
  });

  it.each<[string, string, boolean, string]>([
    ['486 Busy Here', 'UNREACHABLE', true, 'called again'],
    ['600 Busy Everywhere', 'UNREACHABLE', true, 'called again'],
    ['603 Decline', 'UNREACHABLE', true, 'half asleep: called again'],
    ['480 Temporarily Unavailable', 'TIMED_OUT', true, 'telephone off'],
    ['404 Not Found', 'REFUSED', false, 'there is no such number'],
    ['484 Address Incomplete', 'REFUSED', false, 'there is no such number'],
    ['403 Forbidden', 'UNREACHABLE', true, 'the account, not the person'],
    ['503 Service Unavailable', 'UNREACHABLE', true, 'their trouble'],
    ['Connection refused', 'UNREACHABLE', true, 'nothing listens there'],
  ])('%s is %s, again: %s: %s', (answer, code, retryable) => {
    expect(refusal('sip:1@x', answer)).toMatchObject({ code, retryable });
  });
});
