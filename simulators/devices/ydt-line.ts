import type { Clock, Stop } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import type { Place, Serve } from '#platform/modbus/byte-stream.ts';
import { createFrameReader } from '#platform/ydt/frame-reader.ts';
import { decodeFrame, encodeFrame, type YdtFrame } from '#platform/ydt/ydt-frame.ts';

/** A simulated RS-485 line behind a serial server: whoever is on it hears every question, and whose address it is answers. */
export interface YdtFace {
  readonly device: string;
  readonly address: number;
  readonly cid1: number;
  readonly version: number;
  /** It has power. */
  alive(): boolean;
  /** INFO of the answer by CID2; null: it does not know the command and says so; silent: it says nothing. */
  info(cid2: number, asked: Uint8Array): Uint8Array | null | 'silent';
}

/** What is wrong with the line; change it while it runs. */
export interface YdtFaults {
  /** Addresses that say nothing. */
  readonly silent: Set<number>;
  /** The next so many answers come with a wrong checksum, as half a frame, or with rubbish in front. */
  spoilt: number;
  halved: number;
  rubbish: number;
  /** Each question comes back in front of its answer, as from a two-wire converter. */
  echo: boolean;
  /** How late an answer is. */
  delayMs: number;
}

export const noFaults = (): YdtFaults => ({
  silent: new Set(),
  spoilt: 0,
  halved: 0,
  rubbish: 0,
  echo: false,
  delayMs: 0,
});

const RTN = { ok: 0, version: 1, checksum: 2, length: 3, command: 4 } as const;

/** Listens at an address; port 0 is any. */
export function startYdtLine(options: {
  readonly serve: Serve;
  readonly at: Place;
  readonly faces: readonly YdtFace[];
  readonly faults: YdtFaults;
  readonly clock: Clock;
}): Promise<{ port: number; stop: Stop }> {
  const { faces, faults, clock } = options;
  return options.serve(options.at, (peer) => {
    const reader = createFrameReader();
    return {
      data: (bytes) => {
        for (const frame of reader.push(bytes)) {
          if (faults.echo) peer.write(frame);
          const answer = answerTo(frame, faces, faults);
          if (answer === null) continue;
          if (faults.delayMs === 0) peer.write(answer);
          else clock.after(milliseconds(faults.delayMs), () => peer.write(answer));
        }
      },
      closed: () => {},
    };
  });
}

/** What the line says to one frame; null: nothing. */
export function answerTo(frame: Uint8Array, faces: readonly YdtFace[], faults: YdtFaults): Uint8Array | null {
  const question = decodeFrame(frame);
  if ('problem' in question) return refusal(frame, question.problem, faces, faults);
  const face = faces.find(({ address }) => address === question.address);
  if (face === undefined || face.cid1 !== question.cid1 || !isThere(face, faults)) return null;
  if (face.version !== question.version) return spoil(replyOf(face, RTN.version), faults);
  const info = face.info(question.code, question.info);
  if (info === 'silent') return null;
  return spoil(info === null ? replyOf(face, RTN.command) : replyOf(face, RTN.ok, info), faults);
}

/** A damaged question is refused by the one whose address can still be read in it. */
function refusal(frame: Uint8Array, problem: string, faces: readonly YdtFace[], faults: YdtFaults): Uint8Array | null {
  const address = Number.parseInt(Buffer.from(frame.subarray(3, 5)).toString('latin1'), 16);
  const face = faces.find((one) => one.address === address);
  if (face === undefined || !isThere(face, faults)) return null;
  if (problem === 'checksum') return spoil(replyOf(face, RTN.checksum), faults);
  return problem.startsWith('length') ? spoil(replyOf(face, RTN.length), faults) : null;
}

const isThere = (face: YdtFace, faults: YdtFaults): boolean => !faults.silent.has(face.address) && face.alive();

const replyOf = ({ version, address, cid1 }: YdtFace, code: number, info: Uint8Array = new Uint8Array()): YdtFrame => ({
  version,
  address,
  cid1,
  code,
  info,
});

function spoil(reply: YdtFrame, faults: YdtFaults): Uint8Array {
  const frame = Uint8Array.from(encodeFrame(reply));
  if (faults.spoilt > 0) {
    faults.spoilt--;
    const last = frame.length - 2;
    frame[last] = frame[last] === 0x30 ? 0x31 : 0x30;
    return frame;
  }
  if (faults.halved > 0) {
    faults.halved--;
    return frame.slice(0, frame.length >> 1);
  }
  if (faults.rubbish > 0) {
    faults.rubbish--;
    return Uint8Array.of(0x00, 0xff, 0x0d, 0x7e, 0x32, ...frame);
  }
  return frame;
}
