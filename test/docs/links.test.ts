import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { anchorsOf, DOCUMENTS, read, withoutFences } from './documents.js';

/** What leads nowhere, of what is written in the document at `path` and points to other files and headings. */
function broken(path: string, targets: readonly string[]): string[] {
  return targets.filter((target) => {
    const [file = '', anchor] = target.split('#');
    const found = file === '' ? path : posix.join(posix.dirname(path), file);
    if (!existsSync(found)) return true;
    return anchor !== undefined && !anchorsOf(read(found)).has(anchor);
  });
}

it.each(DOCUMENTS)('each link in %s leads to a file and a heading that are there', (path) => {
  const links = withoutFences(read(path)).matchAll(/\]\(([^)\s]+)\)/g);
  const targets = Array.from(links, ([, target = '']) => target).filter((target) => !/^\w+:/.test(target));

  expect(broken(path, targets)).toEqual([]);
});

it('each alert names a heading of the handbook as its runbook', () => {
  const runbooks = Array.from(
    read('docs/deploy/prometheus-rules.yaml').matchAll(/^ +runbook: (.+)$/gm),
    ([, target = '']) => target,
  );
  const { groups } = parse(read('docs/deploy/prometheus-rules.yaml'));

  expect(runbooks).toHaveLength(groups[0].rules.length);
  expect(broken('README.md', runbooks)).toEqual([]);
});
