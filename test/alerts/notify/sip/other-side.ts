import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from '#platform/net.ts';
import { readWav, silence, writeWav } from '#services/alerts/notify/channels/sip/sound.ts';
import { findProgram } from '../../../support/real.ts';

/** Who is called: Debian's sip-tester playing a scenario, or a second baresip that listens and keeps what it hears. */
export interface OtherSide {
  readonly port: number;
  /** Its own judgement: sip-tester ends with 0 when the call went as its scenario says. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

const answerHead = (status: string): string =>
  `SIP/2.0 ${status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=sipp[call_number]\n[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:[local_ip]:[local_port];transport=[transport]>`;
const send = (text: string, retrans = ''): string => `<send${retrans}><![CDATA[\n${text}\n]]></send>`;
const pause = (ms: number): string => `<pause milliseconds="${ms}"/>`;
const press = (key: string): string =>
  `<nop><action><exec play_pcap_audio="/usr/share/sip-tester/dtmf_2833_${key}.pcap"/></action></nop>`;
const RINGING = send(`${answerHead('180 Ringing')}\nContent-Length: 0\n`);
const ANSWER = `${send(
  `${answerHead('200 OK')}\nContent-Type: application/sdp\nContent-Length: [len]\n\nv=0\no=sipp 1 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n`,
  ' retrans="500"',
)}<recv request="ACK"/>`;
const OK = send(
  'SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n',
);
const BYE = `<recv request="BYE"/>${OK}`;
const INVITE = `<recv request="INVITE">
  <action><ereg regexp="sip:[^&gt; ]*" search_in="hdr" header="Contact:" assign_to="contact"/>
  <ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/></action></recv>`;
const REGISTER = INVITE.replace('"INVITE"', '"REGISTER"');
const refuse = (status: string): string => `${send(`${answerHead(status)}\nContent-Length: 0\n`)}<recv request="ACK"/>`;
const info = (key: string): string =>
  `${send(
    `INFO [$contact] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: <sip:sipp@[local_ip]:[local_port]>;tag=sipp[call_number]\nTo:[$from]\nCall-ID: [call_id]\nCSeq: 2 INFO\nMax-Forwards: 70\nContent-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal=${key}\nDuration=160\n`,
    ' retrans="500"',
  )}<recv response="200"/>`;

/** One call each; the name says what the person at the other end does. */
export const SCENARIOS = {
  'answers and presses 1': INVITE + RINGING + ANSWER + pause(1200) + press('1') + BYE,
  'answers and presses 1, sent as INFO': INVITE + RINGING + ANSWER + pause(1200) + info('1') + BYE,
  // sip-tester plays recorded packets: those of a second key would bear old sequence numbers and be dropped as late.
  'answers, presses 9 and then 1': INVITE + ANSWER + pause(1000) + info('9') + pause(1500) + press('1') + BYE,
  'a mailbox answers and presses nothing': INVITE + ANSWER + BYE,
  'answers and hangs up at once':
    INVITE +
    ANSWER +
    pause(300) +
    send(
      'BYE [$contact] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: <sip:sipp@[local_ip]:[local_port]>;tag=sipp[call_number]\nTo:[$from]\nCall-ID: [call_id]\nCSeq: 2 BYE\nMax-Forwards: 70\nContent-Length: 0\n',
      ' retrans="500"',
    ) +
    '<recv response="200"/>',
  'is busy': INVITE + refuse('486 Busy Here'),
  declines: INVITE + RINGING + refuse('603 Decline'),
  'is no number': INVITE + refuse('404 Not Found'),
  'rings and rings': `${INVITE}${RINGING}<recv request="CANCEL"/>${OK}${send(
    'SIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n[last_To:];tag=sipp[call_number]\n[last_Call-ID:]\nCSeq: 1 INVITE\nContent-Length: 0\n',
  )}<recv request="ACK" optional="true"/>`,
  'knows the account': `${REGISTER}${send('SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:];tag=sipp[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n[last_Contact:];expires=120\nContent-Length: 0\n')}`,
  'refuses the account': `${REGISTER}${send('SIP/2.0 403 Forbidden\n[last_Via:]\n[last_From:]\n[last_To:];tag=sipp[call_number]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n')}`,
} as const;

export async function startSipTester(scenario: keyof typeof SCENARIOS): Promise<OtherSide> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-sipp-'));
  const [port = 0, media = 0] = await freePorts(2);
  const file = join(folder, 'scenario.xml');
  writeFileSync(
    file,
    `<?xml version="1.0" encoding="UTF-8"?><scenario name="${scenario}">${SCENARIOS[scenario]}<Reference variables="contact,from"/></scenario>`,
  );
  const words = ['-sf', file, '-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1', '-mp', String(media)];
  const child = spawn(
    'setpriv',
    [...tied('sipp'), ...words, '-m', '1', '-nostdin', '-trace_err', '-error_file', join(folder, 'errors.log')],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  );
  const side = toSide(child, port, folder);
  await listens(port);
  return side;
}

/** A baresip that answers by itself; `heard` is what came over the line, at 8 kHz. */
export async function startListener(number: string): Promise<OtherSide & { heard(): Promise<Int16Array> }> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-listener-'));
  const [port = 0] = await freePorts(1);
  mkdirSync(join(folder, 'heard'));
  const config = [
    `sip_listen 127.0.0.1:${port}`,
    'net_interface 127.0.0.1',
    `audio_source aufile,${join(folder, 'quiet.wav')}`,
    'audio_player aubridge,nowhere',
    'audio_alert aubridge,nowhere',
    'module_path /usr/lib/baresip/modules',
    ...['g711', 'aufile', 'aubridge', 'sndfile'].map((module) => `module ${module}.so`),
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    `snd_path ${join(folder, 'heard')}`,
    '',
  ];
  writeFileSync(join(folder, 'quiet.wav'), writeWav(silence(60)));
  writeFileSync(join(folder, 'config'), config.join('\n'));
  writeFileSync(join(folder, 'accounts'), `<sip:${number}@127.0.0.1:${port}>;regint=0;answermode=auto\n`);
  const child = spawn('setpriv', [...tied('baresip'), '-f', folder], { cwd: folder, stdio: 'ignore' });
  const side = toSide(child, port, folder);
  await listens(port);
  return {
    ...side,
    /** The file says how long it is when the listener has closed it, a moment after the call has ended here. */
    async heard() {
      const read = (): Int16Array => {
        const file = readdirSync(join(folder, 'heard')).find((name) => name.endsWith('-dec.wav')) ?? '';
        return file === '' ? new Int16Array(0) : readWav(readFileSync(join(folder, 'heard', file)), file);
      };
      for (let tries = 0; tries < 200 && read().length === 0; tries++) await wait(50);
      return read();
    },
  };
}

/** It ends with us, also when a test run is killed. */
const tied = (program: 'sipp' | 'baresip'): string[] => ['--pdeathsig', 'KILL', '--', findProgram(program) ?? program];

/** Until the port is bound: a call before that is refused by the machine itself. */
async function listens(port: number): Promise<void> {
  const bound = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  for (let tries = 0; tries < 400 && !readFileSync('/proc/net/udp', 'utf8').includes(bound); tries++) await wait(50);
}

function toSide(child: ChildProcess, port: number, folder: string): OtherSide {
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    port,
    ended,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
