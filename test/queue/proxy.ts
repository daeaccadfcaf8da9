import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to Redis that can be cut, as when a process freezes or its network is gone. */
export interface RedisProxy {
  url: string;
  /** Redis sees the connections end; this side sees them stand open, and nothing is answered any more. */
  cut(): void;
  /** Ends the dead connections; new ones lead to Redis again. */
  heal(): void;
  close(): Promise<void>;
}

/** Starts one in front of the server at a port of 127.0.0.1. */
export async function startProxy(port: number): Promise<RedisProxy> {
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    keep(near, socket);
    if (isCut) return;
    const upstream = connect(port, '127.0.0.1');
    keep(far, upstream);
    socket.pipe(upstream).pipe(socket, { end: false });
    upstream.on('close', () => !isCut && socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const heal = () => {
    isCut = false;
    for (const socket of near) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
      for (const socket of far) socket.destroy();
    },
    heal,
    async close() {
      heal();
      server.close();
      await once(server, 'close');
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => undefined);
}
