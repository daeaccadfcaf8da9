import { readFileSync } from 'node:fs';
import { messageOf } from '../inventory/sentence.js';
import { settingKeys } from './schema.js';

/** The variables that fill keys of the config, and what is wrong with them. */
export interface Environment {
  variables: Record<string, string>;
  mistakes: string[];
}

/** Stands for a secret that could not be read, so that its key is not called missing as well. Never used. */
const UNREADABLE = 'redis://unreadable';

/**
 * Reads the variables of the schema from `env`. A secret may also stand in the file that the variable of its
 * name with `_FILE` names, as Docker and Kubernetes hand secrets over. An empty variable counts as not set.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const read: Environment = { variables: {}, mistakes: [] };
  for (const { env: name, sensitive } of settingKeys.values()) {
    if (name) readVariable(name, sensitive === true, env, read);
  }
  return read;
}

function readVariable(name: string, isSecret: boolean, env: NodeJS.ProcessEnv, read: Environment): void {
  const value = env[name];
  const path = isSecret ? env[`${name}_FILE`] : undefined;
  if (value) read.variables[name] = value;
  if (value && path) read.mistakes.push(`${name} and ${name}_FILE are both set: remove one of them.`);
  else if (path) readSecretFile(name, path, read);
}

function readSecretFile(name: string, path: string, read: Environment): void {
  read.variables[name] = UNREADABLE;
  try {
    const secret = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
    if (secret) read.variables[name] = secret;
    else read.mistakes.push(`${name}_FILE names ${path}, which is empty.`);
  } catch (error) {
    const reason = messageOf(error);
    read.mistakes.push(`${name}_FILE names ${path}, which cannot be read: ${reason}.`);
  }
}

/** A sentence for each variable that is set in vain, to be warned of. */
export function variablesInVain(env: NodeJS.ProcessEnv = process.env): string[] {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return [];
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED=0 is set, and changes nothing, whatever Node says of it: certificates are always ' +
      'checked. Name the certificate of an authority of your own in NODE_EXTRA_CA_CERTS.',
  ];
}
