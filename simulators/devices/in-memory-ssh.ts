import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import { invariant } from '#core/errors.ts';
import type { ActionContext, ActionDriver, ActionOutcome, Cancel, Clock } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import { milliseconds } from '#core/time.ts';
import type { Room } from '../room.ts';
import { isDown, passage } from '../world/links.ts';
import { sshAddressOf } from './addresses.ts';
import type { SshAddress } from './ssh-server.ts';

/** The ssh driver's twin without sockets: the same commands with the same outcomes as over a real connection. */

/** A handshake on loopback. */
const HANDSHAKE_MS = 40;
/** A host that swallows everything: the client gives up after so long. */
const SILENCE_MS = 10_000;
const MOST_OUTPUT = 4000;

type SshTarget = Extract<Action, { ssh: unknown }>['ssh'];

export function createInMemorySsh(
  room: Room,
  config: Pick<Config, 'devices'>,
  clock: Clock,
  touched: Set<string>,
): ActionDriver {
  const machines = new Map<string, SshAddress>();
  for (const device of config.devices) {
    const address = sshAddressOf(device);
    if (address !== null) machines.set(`${address.host}:${address.port}`, address);
  }
  /** With null for a command it logs in and leaves. */
  const connect = (action: Action, context: ActionContext, command: string | null): Promise<ActionOutcome> => {
    invariant('ssh' in action, 'the ssh driver was given another action');
    const target = action.ssh;
    const where = `${target.host}:${target.port}`;
    touched.add(`tcp ${where}`);
    const address = machines.get(where);
    return new Promise<ActionOutcome>((resolve) => {
      const call = startCall(clock, context.limit, resolve);
      const slowMs = address === undefined ? 0 : 3 * (passage(room.look(), address.device, 20)?.delayMs ?? 0);
      call.after(HANDSHAKE_MS + slowMs, () => {
        const refusal = address === undefined ? 'refused' : room.session(address.device, where).login();
        if (address === undefined || refusal === 'silent') noAnswer(room, call, target, address?.device ?? null);
        else if (refusal === 'refused' || address.user !== target.user)
          call.end({ result: 'failed', detail: `login refused for ${target.user} at ${where}` });
        else if (command === null)
          call.end({ result: 'ok', detail: `logged in as ${target.user} at ${where}; the command was not tried` });
        else runCommand(room, address.device, command, where, call);
      });
    });
  };
  return {
    run: (action, context) =>
      connect(action, context, 'ssh' in action ? fillTemplate(action.ssh.command, context.values) : null),
    test: (action, context) => connect(action, context, null),
  };
}

interface Call {
  sent: boolean;
  end(outcome: ActionOutcome): void;
  after(delayMs: number, run: () => void): void;
  onEnd(cancel: Cancel): void;
}

function startCall(clock: Clock, limit: number, resolve: (outcome: ActionOutcome) => void): Call {
  const cancels: Cancel[] = [];
  let ended = false;
  const call: Call = {
    sent: false,
    end: (outcome) => {
      if (ended) return;
      ended = true;
      for (const cancel of cancels) cancel();
      resolve(outcome);
    },
    after: (delayMs, run) => {
      cancels.push(
        clock.after(milliseconds(delayMs), () => {
          if (!ended) run();
        }),
      );
    },
    onEnd: (cancel) => {
      if (ended) cancel();
      else cancels.push(cancel);
    },
  };
  call.after(limit, () =>
    call.end(
      call.sent
        ? { result: 'unknown', detail: 'no end seen in the time given; the command may still run' }
        : { result: 'failed', detail: 'no connection in the time given' },
    ),
  );
  return call;
}

/** A closed port refuses at once; a machine that is on and silent, or a way that is cut, lets the client wait. */
function noAnswer(room: Room, call: Call, target: SshTarget, device: string | null): void {
  const where = `${target.host}:${target.port}`;
  const running = room.look();
  const machine = running.world.machines.find((one) => one.id === device);
  const mute = machine?.powered === true && (machine.fault === 'silent' || machine.fault === 'ssh-hangs');
  if (mute || (machine !== undefined && isDown(running, machine.id)))
    call.after(SILENCE_MS, () => call.end({ result: 'failed', detail: `${where} did not answer the handshake` }));
  else call.end({ result: 'failed', detail: `connection refused by ${where}` });
}

function runCommand(room: Room, device: string, command: string, where: string, call: Call): void {
  call.sent = true;
  let output = '';
  // What is said while the way is cut arrives when it is open again (TCP), if the caller still waits then.
  const whenOpen = (tell: () => void): void => {
    if (!isDown(room.look(), device)) {
      tell();
      return;
    }
    const cancel = room.onChange(() => {
      if (isDown(room.look(), device)) return;
      cancel();
      tell();
    });
    call.onEnd(cancel);
  };
  const cancel = room.session(device, `ssh ${where}`).run(command, {
    write: (text) => {
      output = (output + text).slice(0, MOST_OUTPUT);
    },
    exit: (code) =>
      whenOpen(() =>
        call.end({ result: code === 0 ? 'ok' : 'failed', detail: `exit code ${code}`, output, exitCode: code }),
      ),
    lost: () =>
      whenOpen(() =>
        call.end({ result: 'unknown', detail: 'the connection dropped before the command ended', output }),
      ),
  });
  call.onEnd(cancel);
}
