/** ipmitool's command line and what it says when it fails. */

export interface IpmiTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly cipher: number;
  readonly level: 'user' | 'operator' | 'administrator';
}

/** Per message: so many seconds, and so many times. */
export interface IpmiPatience {
  readonly timeoutS: number;
  readonly retries: number;
}

/** A silent controller is given up after about ten seconds. */
export const IPMI_PATIENCE: IpmiPatience = { timeoutS: 2, retries: 2 };

/** The password goes by the environment (-E, IPMI_PASSWORD): every user of the machine can read a command line. */
export function ipmiArguments(target: IpmiTarget, { timeoutS, retries }: IpmiPatience): string[] {
  const { host, port, user, cipher, level } = target;
  return [
    ...['-v', '-I', 'lanplus', '-H', host, '-p', String(port), '-U', user, '-E'],
    ...['-C', String(cipher), '-L', level.toUpperCase(), '-N', String(timeoutS), '-R', String(retries)],
  ];
}

/** What ipmitool -v says, and what it means to whoever has to mend it. */
const REASONS: readonly (readonly [RegExp, (target: IpmiTarget) => string])[] = [
  [/RAKP 2 HMAC is invalid/, ({ user }) => `the password of ${user} is wrong`],
  [/unauthorized name/, ({ user }) => `it knows no user ${user}`],
  [/invalid role|privilege level/i, ({ user, level }) => `${user} may not act as ${level}`],
  [
    /(authentication|integrity|confidentiality) algorithm|cipher suite/i,
    ({ cipher }) => `it does not offer cipher suite ${cipher}`,
  ],
  [/Get Auth Capabilities error|Error issuing Get Channel Authentication/, () => 'it does not answer'],
  [/Address lookup for .* failed|Could not open socket/, () => 'its address cannot be found or reached'],
];

/** Null: ipmitool's own last line has to do. */
export function reasonIn(output: string, target: IpmiTarget): string | null {
  const said = withoutChatter(output);
  return REASONS.find(([pattern]) => pattern.test(said))?.[1](target) ?? null;
}

/** What -v tells of optional questions that many controllers do not know. */
const CHATTER = /^(Loading IANA|Get HPM|Running Get VSO|Invalid completion code|Discovered IPMB|Close Session).*$/gm;
export const withoutChatter = (output: string): string => output.replaceAll(CHATTER, '').replaceAll(/\n+/g, '\n');
