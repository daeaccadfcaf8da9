import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER, LOOKS, openPage, picture, startBrowser } from '../support/browser.js';
import {
  type Console,
  handleAlerts,
  hostileFleet,
  loseAlerts,
  loseDevices,
  startConsole,
} from '../support/console.js';

const TOKEN = 'the-admin-token-of-the-test';
const CONFIG = {
  admin: { port: 0, token: TOKEN },
  schedules: { sites: 'off', assets: 'off', deactivation: 'off', verify: '7d' },
  deactivation: { missingRuns: 2, missingFor: '0s' },
};
const PAGES = {
  overview: '/',
  runs: '/runs',
  changes: '/changes',
  import: '/import',
  'import-sites': '/import/sites',
  'import-assets': '/import/assets',
  gaps: '/gaps',
  missing: '/missing',
  failed: '/failed',
};

let browser: Browser;
let all: Console;
/** The cookie of the first test's session. */
let storageState: NonNullable<Exclude<BrowserContextOptions['storageState'], string>>;

/** Opens the console as somebody who has signed in. At the end, nothing may have been complained of. */
async function visit(options: BrowserContextOptions, look: (page: Page) => Promise<unknown>): Promise<void> {
  const { page, complaints } = await openPage(browser, all.url, { ...options, storageState });
  await look(page);
  await page.context().close();
  expect(complaints).toEqual([]);
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
const see = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();

/** Whether a page is wider than the screen, which no phone should have to scroll. */
async function isTooWide(page: Page): Promise<boolean> {
  return (
    (await page.locator('html').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)) > 0
  );
}

describe.skipIf(BROWSER === undefined)('the console in a browser', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    [browser, all] = await Promise.all([
      startBrowser(),
      startConsole({ rmm: { fleet: hostileFleet() }, config: CONFIG }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await all?.close();
  });

  it('asks for the token, says so where it is wrong, and leads on where it is right', async () => {
    const { page } = await openPage(browser, all.url, LOOKS.desktop);
    await page.goto('/missing');
    await picture(page, 'sign-in');
    await page.getByLabel('Token').fill('a wrong one');
    await press(page, 'Sign in');
    await see(page, 'This is not the token.');
    await page.getByLabel('Token').fill(TOKEN);
    await press(page, 'Sign in');
    await page.getByRole('heading', { name: 'Missing devices' }).waitFor();
    storageState = await page.context().storageState();
    await page.context().close();
  });

  it('imports: the list, Start, progress without a reload by hand', async () => {
    await visit(LOOKS.desktop, async (page) => {
      await page.goto('/');
      await page.getByRole('link', { name: 'Import', exact: true }).click();
      await page.getByRole('link', { name: 'Import sites' }).click();
      await press(page, 'Show the plan');
      await press(page, /^Start: \d+ changes/);
      await page.getByRole('heading', { name: /^Run sites-/ }).waitFor();
      await see(page, 'succeeded');
      await page.goto('/import/assets');
      await press(page, 'Show the plan');
      await page.getByRole('link', { name: /^create \d+/ }).click();
      await press(page, /^Start: 48 changes/);
      await see(page, 'succeeded');
    });
    expect(all.halo.state.assets.length).toBeGreaterThanOrEqual(48);
  });

  it('works without JavaScript: the page loads itself anew', async () => {
    await visit({ ...LOOKS.phone, javaScriptEnabled: false }, async (page) => {
      await page.goto('/runs');
      await press(page, 'Run verify now');
      await see(page, /succeeded|partial/);
      await page.goto('/gaps');
      await press(page, 'Show the plan');
      await see(page, 'Nothing is to be done.');
      await page.goto('/gaps');
      await see(page, 'Lakeside Legal');
    });
  });

  it('cancels a plan that takes its time', async () => {
    all.rmm.faults.add({ match: ({ path }) => path.includes('companies'), action: { do: 'hang' } });
    await visit(LOOKS.phone, async (page) => {
      await page.goto('/import/assets');
      await press(page, 'Show the plan');
      await see(page, 'The plan is being made since');
      await picture(page, 'plan-under-way');
      await press(page, 'Cancel');
      await page.getByRole('button', { name: 'Show the plan' }).waitFor();
    });
  });

  it('says on a page that it is of before, while the daemon does not answer', async () => {
    const { page } = await openPage(browser, all.url, { ...LOOKS.phone, storageState });
    await page.goto('/import/assets');
    await press(page, 'Show the plan');
    await see(page, 'The plan is being made since');
    await page.context().setOffline(true);
    await page.locator('body.stale').waitFor();
    await picture(page, 'stale');
    await page.context().setOffline(false);
    await page.locator('body:not(.stale)').waitFor();
    await press(page, 'Cancel');
    await page.getByRole('button', { name: 'Show the plan' }).waitFor();
    await page.context().close();
    all.rmm.faults.clear();
  });

  it('shows each page on a phone in the dark and on a desktop by day, without trouble', async () => {
    await loseDevices(all, 8);
    await handleAlerts(all, [2, 1, 0, 7, 43, 12, 3, 0, 0, 1, 0, 0, 0, 0, 1, 0, 2, 4, 3, 1, 0, 6, 2, 1]);
    await loseAlerts(all, [{ device: 'SRV-01', summary: 'Disk is full' }, { device: 'SRV-02' }]);
    await visit(LOOKS.desktop, async (page) => {
      for (const [kind, path] of Object.entries({
        sites: '/import/sites',
        assets: '/import/assets',
        deactivation: '/missing',
      })) {
        await page.goto(path);
        await press(page, /Show the plan|Make the plan anew/);
        await page.getByRole('button', { name: 'Make the plan anew' }).waitFor();
        expect(await page.getByText(/read: /).count(), kind).toBeGreaterThan(0);
      }
    });
    const [run] = await all.app.runs.list(1);
    for (const [look, options] of Object.entries(LOOKS)) {
      await visit(options, async (page) => {
        for (const [name, path] of Object.entries({ ...PAGES, run: `/runs/${run?.id}` })) {
          await page.goto(path);
          await picture(page, `${name}-${look}`);
          expect(await isTooWide(page), `${path} on a ${look}`).toBe(false);
        }
      });
    }
  });

  it('applies a refused sweep once, after a tick in the box', async () => {
    await visit(LOOKS.phone, async (page) => {
      await page.goto('/missing');
      await page.getByRole('checkbox').check();
      await press(page, /without the guard/);
      await see(page, 'succeeded');
      await page.goto('/missing');
      await see(page, 'No linked device is missing.');
    });
  });

  it('puts dead alerts back, one by one and all', async () => {
    await visit(LOOKS.phone, async (page) => {
      await page.goto('/failed');
      await page.getByRole('button', { name: 'Re-queue', exact: true }).first().click();
      await see(page, 'The job is put back');
      await press(page, 'Re-queue the one alert');
      await see(page, 'No alert was given up.');
    });
    expect(await all.app.queues.alerts.getFailedCount()).toBe(0);
  });

  it('shows the queues, with nothing from elsewhere, and changes them from their own page', async () => {
    await visit(LOOKS.desktop, async (page) => {
      await page.goto('/queues/queue/alerts');
      await see(page, /^alert-/);
      await picture(page, 'queues');
      await pause(page);
    });
  });

  it('has a way back from the queues on a phone', async () => {
    await visit(LOOKS.phone, async (page) => {
      await page.goto('/queues');
      await see(page, 'Back to the console');
      await picture(page, 'queues-phone');
      await page.getByRole('link', { name: 'Back to the console' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    });
  });

  it('signs out', async () => {
    await visit(LOOKS.phone, async (page) => {
      await page.goto('/');
      await press(page, 'Sign out');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.goto('/runs');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  });

  /** By the request that its own button makes: how the button looks is the board's affair. */
  async function pause(page: Page): Promise<void> {
    const status = await page.evaluate(
      "fetch('/queues/api/queues/alerts/pause', { method: 'PUT' }).then(({ status }) => status)",
    );
    expect(status).toBe(200);
    expect(await all.app.queues.alerts.isPaused()).toBe(true);
    await all.app.queues.alerts.resume();
  }
});
