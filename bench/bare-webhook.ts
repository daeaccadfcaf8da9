import fastify from 'fastify';
import { Redis } from 'ioredis';
import { z } from 'zod';

/* The barest thing that keeps an alert: a fastify route with one write to Redis. Started by alerts.ts. */

const { redisUrl } = z.object({ redisUrl: z.string() }).parse(JSON.parse(process.argv[2] ?? ''));
const redis = new Redis(redisUrl);
const app = fastify();
app.post('/', async (request, reply) => {
  await redis.rpush('bare', JSON.stringify(request.body));
  return reply.code(202).send({ accepted: true });
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.on('SIGTERM', () => process.exit());
process.stdout.write(`It listens at ${url}/ now.\n`);
