import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';
import { AsOf, Post, type Visit } from './ui.js';

const NAVIGATION = [
  ['/', 'Overview'],
  ['/runs', 'Runs'],
  ['/changes', 'Changes'],
  ['/import', 'Import'],
  ['/gaps', 'Mapping gaps'],
  ['/missing', 'Missing devices'],
  ['/failed', 'Failed jobs'],
  ['/queues', 'Queues'],
] as const;

/** One page of the console. */
export interface Page {
  title: string;
  /** Something is under way: it is loaded anew after so many seconds. */
  refreshSeconds?: number;
  /** Of the answer; left out: 200. */
  status?: number;
  body: ComponentChildren;
}

/** @returns the page as a whole document. */
export function renderPage(visit: Visit, { title, refreshSeconds, body }: Page): string {
  const document = (
    <Document title={title} refreshSeconds={refreshSeconds}>
      <header>
        <a class="brand" href="/">
          halo-integrator
        </a>
        <nav aria-label="Pages of the console">
          {NAVIGATION.map(([href, name]) => (
            <a key={href} href={href} aria-current={isCurrent(href, visit.url) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        {visit.isSignedIn && <Post visit={visit} to="/sign-out" label="Sign out" look="small" />}
      </header>
      <main>
        <h1>{title}</h1>
        <AsOf visit={visit} />
        {body}
      </main>
    </Document>
  );
  return `<!doctype html>${render(document)}`;
}

function isCurrent(href: string, url: string): boolean {
  const [path = ''] = url.split('?');
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
}

/** A page of its own, without the console around it: the sign-in, and what went wrong before it. */
export function renderBare(title: string, body: ComponentChildren, refreshSeconds?: number): string {
  const document = (
    <Document title={title} refreshSeconds={refreshSeconds}>
      <main class="bare">
        <p class="brand">halo-integrator</p>
        <h1>{title}</h1>
        {body}
      </main>
    </Document>
  );
  return `<!doctype html>${render(document)}`;
}

function Document(props: {
  title: string;
  refreshSeconds?: number | undefined;
  children: ComponentChildren;
}) {
  const { title, refreshSeconds, children } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · halo-integrator`}</title>
        <link rel="icon" href="/console.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/console.css" />
        <script src="/console.js" defer />
        {refreshSeconds !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={String(refreshSeconds)} />
          </noscript>
        )}
      </head>
      <body data-refresh={refreshSeconds}>{children}</body>
    </html>
  );
}
