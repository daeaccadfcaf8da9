import { type FoundDeed, findDeeds } from '../../store/journal.js';
import type { Page } from './page.js';
import type { ConsoleParts } from './parts.js';
import { Pager, pageOf, shown, Table, Text, Time, type Visit } from './ui.js';

/** Ten pages; who looks for an older one narrows it down. */
const MOST = 1000;

/** What runs did in Halo, and why, with a field to search in it. */
export async function changesPage(
  parts: ConsoleParts,
  visit: Visit,
  { q, page }: { q: string; page: number },
): Promise<Page> {
  const deeds = await findDeeds(parts, q, MOST);
  const href = (number: number) => `/changes?${new URLSearchParams({ q, page: String(number) })}`;
  return {
    title: 'Changes',
    body: (
      <>
        <form method="get" action="/changes" class="search">
          <input
            type="search"
            name="q"
            value={shown(q)}
            maxLength={200}
            aria-label="Search in the changes"
            placeholder="Device, site, company, id, action or run"
          />
          <button type="submit">Search</button>
        </form>
        {deeds.length === 0 && <p>{q ? 'No change fits that.' : 'No run has changed anything yet.'}</p>}
        {deeds.length > 0 && (
          <Table
            head={['When', 'Action', 'Item', 'Halo', 'Why, and what']}
            rows={pageOf(deeds, page).map((deed) => rowOf(deed, visit))}
          />
        )}
        {deeds.length === MOST && <p class="faint">Only the newest {MOST} are shown: narrow them down.</p>}
        <Pager page={page} count={deeds.length} href={href} />
      </>
    ),
  };
}

function rowOf(deed: FoundDeed, visit: Visit) {
  return [
    <>
      <Time at={deed.atMs} visit={visit} />{' '}
      <a class="faint" href={`/runs/${deed.run}`}>
        run
      </a>
    </>,
    deed.action,
    <>
      <Text of={deed.name} most={200} />
      <p class="faint">
        <Text of={deed.company} most={200} />
      </p>
    </>,
    deed.haloId,
    <>
      <Text of={deed.reason} />
      <p class="faint">
        <Text of={deed.what} />
      </p>
    </>,
  ];
}
