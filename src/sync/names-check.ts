import { NotAskedError } from '../api/error.js';
import type { Config } from '../config/config.js';
import { type LookedUp, UnknownNamesError } from '../halo/reference.js';
import { lookUpRmmNames, type RmmName, whyIdle } from '../inventory/rmm-names.js';
import type { Directory } from '../rmm/permissions.js';
import type { Finding, Probe } from './probe.js';

/**
 * A line for each name and id of Halo in the config, by the key where it stands.
 * @param lookUp resolves them. @param told the keys that have had their line; takes those that get one here.
 */
export function haloNamesProbe(
  name: string,
  lookUp: () => Promise<{ looked: readonly LookedUp[] }>,
  told: Set<string>,
): Probe {
  return {
    name,
    async look() {
      const looked = await allLookedUp(lookUp);
      const news = looked.filter(({ path }) => !told.has(path));
      for (const { path } of news) told.add(path);
      return news.map(tellHaloName);
    },
  };
}

/** What was found as well, where something was not. */
async function allLookedUp(lookUp: () => Promise<{ looked: readonly LookedUp[] }>) {
  try {
    return (await lookUp()).looked;
  } catch (error) {
    if (error instanceof UnknownNamesError) return error.looked;
    throw error;
  }
}

function tellHaloName({ path, noun, reference, found, problem }: LookedUp): Finding {
  const name = `Halo, ${path}`;
  if (problem) return { name, state: 'failed', message: problem.said, remedy: problem.remedy };
  if (!found) return { name, state: 'notAsked', message: 'not asked, since its client is not known' };
  if (typeof reference === 'number')
    return { name, state: 'ok', message: `the id ${found.id} is ${noun} "${found.name}"` };
  // A user may also be named by an address or a login.
  const called = found.name === reference ? '' : `, "${found.name}"`;
  return { name, state: 'ok', message: `${noun} "${reference}" has the id ${found.id}${called}` };
}

/** A line for each company and site of ConnectWise RMM in the config. One that fits nothing may be one that is still to come. */
export function rmmNamesProbe({ companies, sites }: Directory, config: Config): Probe {
  const asked = {
    scope: config.companies,
    mappings: config.sites.mappings.map(({ rmm }) => rmm),
    quiet: config.alerts.enabled ? config.alerts.quiet : [],
  };
  return {
    name: 'ConnectWise RMM, names in the config',
    async look() {
      const [allCompanies, allSites] = await Promise.all([companies(), sites()]).catch(notListed);
      if (allCompanies.length === 0)
        throw new NotAskedError('not asked, since there is no company to compare with');
      return lookUpRmmNames(asked, allCompanies, allSites).map(tellRmmName);
    },
  };
}

/** What failed there is told there. */
function notListed(): never {
  throw new NotAskedError('not asked, since companies and sites could not be listed');
}

function tellRmmName(rmmName: RmmName): Finding {
  const { path, text, noun, fitting } = rmmName;
  const name = `ConnectWise RMM, ${path}`;
  const [first, ...others] = fitting;
  if (!first) {
    const { said, remedy } = whyIdle(rmmName);
    return { name, state: 'warning', message: said, remedy };
  }
  const plural = noun === 'company' ? 'companies' : 'sites';
  if (others.length === 0) return { name, state: 'ok', message: `"${text}" is the ${noun} ${first.id}` };
  return { name, state: 'ok', message: `"${text}" fits ${fitting.length} ${plural}` };
}
