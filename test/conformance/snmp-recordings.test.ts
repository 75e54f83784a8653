import { describe, expect, it } from 'vitest';
import { haveRecordings, readExpected } from '../collector/support/snmprec.ts';
import { probeRecording, recordedDevices } from './read-recording.ts';

/**
 * Recordings of real devices beside another product's reading of them (L35): who is recognised by what, and which values are
 * not believed; the table says why. Value by value they are compared in snmp.test.ts.
 */
const NOT_BELIEVED: Readonly<Record<string, string>> = {};

const PDUS: Readonly<Record<string, readonly string[]>> = {
  'chatsworth-pdu': ['chatsworth-pdu'],
  'conteg-pdu': ['conteg-pdu'],
  'dell-rpdu': ['dell-rpdu'],
  'digipower-pdu': ['digipower'],
  'fs-pdu': ['fs-net-pdu'],
  'geist-v5': ['vertiv-pdu_mg02e4w1'],
  'hpe-pdu3': ['hpe-mapdu_pdu3'],
  'hpe-pdumm': ['hpe-pdumm'],
  'iboot-pdu': ['iboot_pdu8-2n15'],
  'ict-pdu': ['ict-pdu_ict200db-12irc'],
  'janitza-umg': ['janitza_generic'],
  'liebert-mph': ['liebert', 'liebert_mph2rg'],
  'packetpower-eg4': ['packetpower-eg'],
  'panduit-pdug5': ['panduit', 'panduit_2'],
  'raritan-pdu2': ['raritan-pdu_px2', 'raritan-pdu_px3'],
  'riedo-e3meter': ['e3meter'],
  'rnx-updu': ['rnx-updu_rn3214'],
  'schleifenbauer-dpm': ['schleifenbauer_dpm27e'],
  sentry3: ['sentry3_3phase', 'sentry3_switched'],
  sentry4: ['sentry4'],
  'sinetica-eagle': ['panduit-eagle'],
  'socomec-pdu': ['socomec'],
  'westmountain-rigrunner': ['westmountainradio_westmountainradio'],
};

/** UPSes, transfer switches and their cards beside those named below: which profile knows which recording. */
const UPSES: Readonly<Record<string, readonly string[]>> = {
  'apc-rpdu2': ['apc_ap8853', 'apc_ap8959eu3', 'apc_apdu9959eu3'],
  bke: ['bke_bke'],
  cyberpower: ['cyberpower', 'powerwalker-vfi_500r1u'],
  'delta-ups': ['deltaups'],
  'dell-ups': ['dell-ups_rack3750w'],
  'eaton-epdu': ['eatonpdu_2'],
  'huawei-ups': ['huaweiups_ups2000'],
  'riello-ups': ['netmanplus_204', 'netmanplus_208', 'netmanplus_mct20'],
  'sinetica-ups': ['sinetica'],
  'smart-ats': ['ats'],
  'socomec-ups': ['socomec-ups'],
  tripplite: ['poweralert_pdu', 'poweralert_ups'],
  'xppc-ups': ['netagent2'],
};

const names = recordedDevices();
if (!haveRecordings) console.info('skipped: recordings of real devices; they lie beside the repository, not in it');

/** The other product reads it, and we do not think its value wrong. */
const isBelieved = (name: string, oid: string | null): boolean =>
  readExpected(name).sensors.some((sensor) => sensor.oid === oid && !sensor.suspect && sensor.class !== 'state');

/** Sensors of rooms, coolers and gensets: which profile knows which recording. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'akcp-sensorprobe': ['akcp_serverprobe8'],
  'algcom-sm': ['algcom-sm_sm9s'],
  'asentria-siteboss': ['siteboss571_siteboss571'],
  'avtech-roomalert': ['avtech_roomalert32s', 'avtech_roomalert4e'],
  'controlbox-th': ['controlbox_controlbox'],
  'dantel-webmon': ['webmon_matrix'],
  'dantherm-freecooling': ['dantherm-os'],
  'gude-esb': ['gude-esb_7213-12-1', 'gude-esb_7213-12', 'gude-esb_7213-13'],
  'himoinsa-genset': ['himoinsa-gensets'],
  'hwg-perseus': ['hwg-perseus'],
  'hwg-poseidon': ['hwg-poseidon'],
  'hwg-wld': ['hwg-wld_600415', 'hwg-wld_wld2'],
  interseptor: ['interseptor'],
  'packetflux-sitemonitor': ['sitemonitor3'],
  'papouch-quido': ['papouch-quido'],
  'rittal-chiller': ['pcoweb-rittalchiller'],
  'rittal-cmc-tc': ['rittal-cmc'],
  'rittal-cmc3': [
    'rittal-cmc-iii-pu_cmciii-pu',
    'rittal-cmc-iii-pu_compact',
    'rittal-cmc-iii-pu_pdu-controller',
    'rittal-lcp_cmciii-pu-lcp',
  ],
  'scs-ks': ['scs-ks'],
  sensatronics: ['sensatronics-ittm'],
  serverscheck: ['serverscheck_sc-ts01'],
  'stulz-wib8000': ['stulz_wib8000'],
  'teracom-tcw': ['teracom'],
  'wut-webgraph': ['wut_57605', 'wut_57606', 'wut_57613', 'wut_57720'],
};

describe.skipIf(!haveRecordings)('recordings of real devices', () => {
  it.each(names)('%s: no value that another product believes is implausible to us without a reason', async (name) => {
    for (const { name: point, quality, reason, oid } of (await probeRecording(name)).points) {
      if (quality !== 'implausible' || !isBelieved(name, oid)) continue;
      expect(NOT_BELIEVED, `${name} ${point}: ${reason}`).toHaveProperty([`${name} ${point}`]);
    }
  });

  it('are recognised by what they are, not by what else they answer', async () => {
    const recognised = new Map<string, string[]>();
    for (const name of names) {
      const profile = (await probeRecording(name)).recognised ?? 'none';
      recognised.set(profile, [...(recognised.get(profile) ?? []), name]);
    }
    expect(recognised.get('apc-ups')?.length).toBe(6);
    expect(recognised.get('apc-environment')).toEqual(['aos-emu2_ap9320', 'apc_emu']);
    expect(recognised.get('apc-ats')).toEqual(['apc_ats']);
    expect(recognised.get('apc-epdu')).toEqual(['apc-epdu_epdu1116s']);
    expect(recognised.get('apc-inrow')).toEqual(['apc_inrow-dx']);
    expect(recognised.get('apc-netbotz')).toEqual(['apc-netbotz_netbotz750']);
    expect(recognised.get('mge-ups')).toEqual(['apc-mgeups_galaxy7000', 'eaton-mgeups_93ps', 'eaton-mgeups_9px']);
    expect(recognised.get('eaton-ups')).toEqual(['eatonups', 'eatonupsm2_9px+empg2', 'eatonupsm2_9px']);
    expect(recognised.get('apc-rpdu2')).toEqual(['apc_ap8853', 'apc_ap8959eu3', 'apc_apdu9959eu3']);
    expect(recognised.get('liebert-lgp-cooling')).toEqual(['liebert_weblbds']);
    expect(recognised.get('rfc1628-ups')?.length).toBeGreaterThanOrEqual(1);
    expect(recognised.get('eltek-enexus')?.length).toBe(5);
    expect(recognised.get('eltek-webpower')).toEqual(['eltek-webpower']);
    expect(recognised.get('valere-dc')).toEqual(['valere_bc2000']);
    expect(recognised.get('netsure-vec')).toEqual(['netsure']);
    expect(recognised.get('ees-power')).toEqual(['ees']);
    expect(recognised.get('huawei-smu')).toEqual(['huawei-smu', 'huawei-smu_smu02b']);
    expect(recognised.get('eaton-matrix')).toEqual(['eaton-matrix']);
    expect(recognised.get('algcom-dc-ups')).toEqual(['algcom-dc-ups']);
    expect(recognised.get('ict-modular-power')).toEqual(['ict-mps']);
    expect(recognised.get('tycon-tpdin3')).toEqual(['tpdin3']);
    expect(recognised.get('imcopower-ls110')).toEqual(['imcopower-ls110']);
    expect(recognised.get('imcopower-big')).toEqual(['imcopower-big']);
    expect(recognised.get('eaton-sc300')).toEqual(['eaton-sc300']);
    expect(recognised.get('alpha-cxc')).toEqual(['cxc']);
    expect(recognised.get('alpha-cxc-ups')).toEqual(['cxc_ups']);
    expect(recognised.get('alpha-cordex')).toEqual(['cxrc_cxrc']);
    expect(recognised.get('alpha-compas')).toEqual(['compas_usv']);
    for (const [profile, devices] of Object.entries({ ...PDUS, ...UPSES, ...ROOMS }))
      expect(recognised.get(profile), profile).toEqual(devices);
  });

  it('every RFC 1628 UPS has a status, a charge or a runtime that can be believed', async () => {
    for (const name of names) {
      const { recognised, points } = await probeRecording(name);
      if (recognised !== 'rfc1628-ups') continue;
      const good = new Set(points.filter((point) => point.quality === 'good').map((point) => point.name));
      expect(good.has('ups.status'), name).toBe(true);
      expect(good.has('battery.charge') || good.has('battery.runtime'), name).toBe(true);
    }
  });
});
