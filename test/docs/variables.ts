import { settingKeys } from '../../src/config/schema.js';

/** The variables that the integrator reads. */
export const VARIABLES = [
  'HALO_INTEGRATOR_CONFIG',
  ...[...settingKeys.values()].flatMap(({ env, sensitive }) => {
    if (!env) return [];
    return sensitive ? [env, `${env}_FILE`] : [env];
  }),
];
