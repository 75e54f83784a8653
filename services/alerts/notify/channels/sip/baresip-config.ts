import type { ChannelConfigOf } from '#core/config/channels.ts';

type SipConfig = ChannelConfigOf<'sip-call'>;

/** How often the account is renewed at the exchange, in seconds: with it also the way through its firewall is kept open. */
const REGISTER_S = 120;

/**
 * baresip's configuration for a machine without a sound card: what is said comes from files (aufile), what is heard goes
 * nowhere (a bridge without another end); keys come by telephone-event (RFC 4733) or INFO, both of which it reports.
 * One call: who calls us meanwhile hears that the line is busy.
 */
export const baresipConfig = (
  config: SipConfig,
  { controlPort, modules }: { readonly controlPort: number; readonly modules: string },
): string =>
  [
    'poll_method epoll',
    'call_max_calls 1',
    'audio_source aufile,ringing.wav',
    'audio_player aubridge,nowhere',
    'audio_alert aubridge,nowhere',
    'rtp_tos 184',
    ...(config.interface === undefined ? [] : [`net_interface ${config.interface}`]),
    ...(config.transport === 'tls' ? ['sip_cafile /etc/ssl/certs/ca-certificates.crt'] : []),
    `module_path ${modules}`,
    'module g711.so',
    'module aufile.so',
    'module aubridge.so',
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    'statmode_default off',
    'ringback_disabled yes',
    'redial_attempts 0',
    '',
  ].join('\n');

export function baresipAccount(config: SipConfig): string {
  const address = `sip:${config.user}@${withPort(config)};transport=${config.transport}`;
  const login = config.auth_user ?? (config.password === undefined ? undefined : config.user);
  return [
    `<${address}>`,
    ...(login === undefined ? [] : [`auth_user=${login}`]),
    ...(config.password === undefined ? [] : [`auth_pass=${config.password.reveal()}`]),
    `regint=${config.register ? REGISTER_S : 0}`,
    'audio_codecs=PCMA,PCMU',
    'answermode=manual',
  ].join(';');
}

/** Whom to call: `sip:913800138000@10.0.0.2:5060`. */
export const dialAddress = (config: SipConfig, number: string): string =>
  `sip:${config.dial.replace('{number}', number)}@${withPort(config)}`;

function withPort({ server, port }: SipConfig): string {
  return `${server.includes(':') ? `[${server}]` : server}:${port}`;
}
