import { type Browser, chromium } from 'playwright-core';
import { findProgram } from './real.ts';

/** Debian's Chromium, kept from talking to anybody but us. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findProgram('chromium') ?? '',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
