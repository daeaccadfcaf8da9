import { expect, it } from 'vitest';
import { examplesOf, GUIDES } from '../../src/cli/guides.js';
import { commandsOf, createProgram } from '../../src/cli/program.js';
import { commandReference } from './commands.js';
import { configReference } from './config.js';

const ADVICE = 'is not what the code says any more: run "npm run reference", and look at what has changed';

it.each([
  ['docs/config-reference.md', configReference],
  ['docs/command-reference.md', commandReference],
])('%s is what the code says', async (path, generate) => {
  await expect(await generate(), `${path} ${ADVICE}`).toMatchFileSnapshot(`../../${path}`);
});

it('the examples are of their commands, with options that there are', async () => {
  const program = await createProgram(() => undefined);
  const commands = new Map(commandsOf(program));
  for (const [name, guide] of Object.entries(GUIDES)) {
    const options = [...(commands.get(name)?.options ?? []), ...program.options];
    const flags = options.flatMap(({ long, short }) => [long, short]);
    for (const [line] of guide ? examplesOf(guide) : []) {
      expect(`${line} `).toContain(`halo-integrator ${name} `);
      for (const word of line.split(' ').filter((each) => each.startsWith('-')))
        expect(flags).toContain(word);
    }
  }
});
