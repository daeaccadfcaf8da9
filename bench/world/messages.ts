import { z } from 'zod';

/** The Halo client of companies without one of their own. */
export const DEFAULT_CLIENT = 'Unmapped Customers';

const limitShape = z.object({ requests: z.number(), windowMs: z.number() });

/** What the simulators are started with. */
export const optionsShape = z.object({
  fleet: z.object({ companies: z.number(), devicesPerCompany: z.number(), seed: z.string() }),
  honoursReturnAll: z.boolean(),
  /** Left out: as many requests as come. */
  rmmLimit: limitShape.optional(),
  haloLimit: limitShape.optional(),
  /** So late is each answer. */
  latencyMs: z.number(),
});
export type SimulatorOptions = z.infer<typeof optionsShape>;

/** A question to the process of the simulators. */
export const askShape = z.object({
  id: z.number(),
  what: z.enum(['where', 'counts', 'times', 'forget', 'changeDevices', 'ticketTimes']),
  count: z.number().optional(),
});
export type Ask = z.infer<typeof askShape>;

export const replyShape = z.object({ id: z.number(), answer: z.unknown() });

const accountShape = z.object({ url: z.string(), clientId: z.string(), clientSecret: z.string() });
export const whereShape = z.object({
  rmm: accountShape,
  halo: accountShape,
  devices: z.number(),
  assets: z.number(),
});
export type Where = z.infer<typeof whereShape>;

const countsShape = z.record(z.string(), z.number());
export const bothCountsShape = z.object({ rmm: countsShape, halo: countsShape });
export const bothTimesShape = z.object({ rmm: z.array(z.number()), halo: z.array(z.number()) });
export const ticketTimesShape = z.array(z.object({ summary: z.string(), atMs: z.number() }));
