import type { Gaps } from '../../inventory/gaps.js';
import { counted, firstOf } from '../../inventory/sentence.js';
import type { Page } from './page.js';
import type { ConsoleParts, PlanState } from './parts.js';
import { companyRows, type PastedRow, pastedYaml, typeRow } from './pasted.js';
import { PlanMaking } from './plan.js';
import { FoldedTable, Notice, Text, Time, type Visit } from './ui.js';

const MOST_ROWS = 300;

/** What falls to the default client or the default type, and the rows of the config that would mend it. */
export function gapsPage({ planner, config }: ConsoleParts, visit: Visit): Page {
  const current = planner.current();
  const [sites, assets] = [planner.look('sites'), planner.look('assets')];
  return {
    title: 'Mapping gaps',
    ...(current && { refreshSeconds: 1 }),
    body: (
      <>
        <p>
          What has no row in the config falls to a default. A plan finds these gaps, whether they stand in
          Halo already or would.
        </p>
        <h2>Companies without a client in Halo</h2>
        <PlanMaking kind="sites" state={sites} current={current} visit={visit} />
        <Found state={sites} visit={visit}>
          {(gaps) => <Clients gaps={gaps} to={config.sites.defaultClient} />}
        </Found>
        <h2>Types without an asset type in Halo</h2>
        <PlanMaking kind="assets" state={assets} current={current} visit={visit} />
        <Found state={assets} visit={visit}>
          {(gaps) => <Types gaps={gaps} to={config.assets.defaultType} />}
        </Found>
      </>
    ),
  };
}

function Found(props: { state: PlanState; visit: Visit; children(gaps: Gaps): preact.JSX.Element }) {
  const { state, visit, children } = props;
  if (state.state !== 'made') return null;
  return (
    <>
      <p class="faint">
        Looked at <Time at={state.atMs} visit={visit} />
      </p>
      {children(state.gaps)}
    </>
  );
}

function Clients({ gaps: { clients }, to }: { gaps: Gaps; to: string | number | undefined }) {
  if (clients.length === 0) return <Notice tone="good">No company falls to the default client.</Notice>;
  const rows = clients.slice(0, MOST_ROWS);
  return (
    <>
      <p>
        These are under the default client <Text of={String(to ?? '')} />. Put the rows into{' '}
        <code>sites.mappings</code>, with each company's client in Halo, by name or id; or make a client of
        that name in Halo.
      </p>
      <FoldedTable
        head={['Company', 'Sites']}
        rows={rows.map(({ company, sites }) => [
          <Text key="company" of={company} most={200} />,
          <>
            {counted(sites.length, 'site')}: <Text of={firstOf(sites, 5)} />
          </>,
        ])}
      />
      <Yaml path={['sites', 'mappings']} rows={rows.flatMap(companyRows)} />
      {clients.length > MOST_ROWS && <p>And {clients.length - MOST_ROWS} more companies.</p>}
    </>
  );
}

function Types({ gaps: { types }, to }: { gaps: Gaps; to: string | number }) {
  if (types.length === 0) return <Notice tone="good">No device falls to the default type.</Notice>;
  const named = types.filter(({ type }) => type !== '').slice(0, MOST_ROWS);
  return (
    <>
      <p>
        These are of the default asset type <Text of={String(to)} />. Where that is not wanted, put the rows
        into <code>assets.typeMappings</code>.
      </p>
      <FoldedTable
        head={['Type in ConnectWise RMM', 'Devices']}
        rows={types
          .slice(0, MOST_ROWS)
          .map(({ type, devices }) => [
            type === '' ? <em key="type">without a type</em> : <Text key="type" of={type} most={200} />,
            devices,
          ])}
      />
      <Yaml path={['assets', 'typeMappings']} rows={named.map(typeRow)} />
    </>
  );
}

function Yaml({ path, rows }: { path: [string, string]; rows: PastedRow[] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <pre class="yaml">{pastedYaml(path, rows)}</pre>
      <p class="faint">To copy: a click on it (on a phone, a long press) selects all of it.</p>
    </>
  );
}
