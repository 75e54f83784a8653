import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import snmp from 'net-snmp';

/**
 * CBC-DES of SNMPv3 (RFC 3414 section 8) for cards that have nothing newer. The cryptography library of today's Node offers
 * no single DES, but triple DES with one key three times is the same: encrypt, decrypt, encrypt.
 */
interface Engine {
  readonly engineID: Uint8Array;
}

const SIZE = 8;

/** Teaches net-snmp; calling it again changes nothing. */
export function provideDes(): void {
  const des = snmp.Encryption.algorithms[snmp.PrivProtocols.des];
  if (des === undefined) return;
  des.encryptPdu = (pdu, _protocol, password, authProtocol, engine) => {
    const { key, preIv } = keysOf(authProtocol, password, engine);
    const salt = Buffer.concat([Buffer.from([0, 0, 0, 1]), randomBytes(SIZE / 2)]);
    const cipher = createCipheriv('des-ede3-cbc', key, mixed(preIv, salt)).setAutoPadding(false);
    const padding = Buffer.alloc((SIZE - (pdu.length % SIZE)) % SIZE);
    const encryptedPdu = Buffer.concat([cipher.update(pdu), cipher.update(padding), cipher.final()]);
    return { encryptedPdu, msgPrivacyParameters: salt };
  };
  des.decryptPdu = (pdu, _protocol, salt, password, authProtocol, engine) => {
    const { key, preIv } = keysOf(authProtocol, password, engine);
    const decipher = createDecipheriv('des-ede3-cbc', key, mixed(preIv, salt)).setAutoPadding(false);
    return Buffer.concat([decipher.update(pdu), decipher.final()]);
  };
}

function keysOf(authProtocol: string, password: string, engine: Engine): { key: Buffer; preIv: Buffer } {
  const localized = snmp.Authentication.passwordToKey(authProtocol, password, engine.engineID);
  const key = localized.subarray(0, SIZE);
  return { key: Buffer.concat([key, key, key]), preIv: localized.subarray(SIZE, 2 * SIZE) };
}

const mixed = (preIv: Buffer, salt: Uint8Array): Buffer => Buffer.from(preIv.map((byte, i) => byte ^ (salt[i] ?? 0)));
