import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** The system's Chromium or Chrome; `undefined`: there is none, and script/bootstrap has said so. */
export const BROWSER = findProgram();

/** Starts it, without a window. */
export function startBrowser(): Promise<Browser> {
  if (BROWSER === undefined) throw new Error('There is no Chromium here: script/bootstrap installs it.');
  // Its sandbox is not for root, whom containers often run as.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: BROWSER, args });
}

function findProgram(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [...PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))), MACOS];
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How a page is looked at. */
export const LOOKS = {
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  desktop: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
} as const satisfies Record<string, BrowserContextOptions>;

/** A page that is watched: what it complained of, and whom it asked. */
export interface Watched {
  page: Page;
  /** Errors of the console and of scripts, and requests to any other host. */
  complaints: string[];
}

/** Opens a page that notes each complaint. @param url the only server that it may ask. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ baseURL: url, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !asked.startsWith('data:')) complaints.push(`asked ${asked}`);
  });
  return { page, complaints };
}

/** Keeps a picture of the whole page where SCREENSHOTS names a folder, to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
