import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A way to a server of 127.0.0.1 that can be spoiled, as a network is. */
export interface Way {
  url: string;
  port: number;
  /** The server sees the connections end; this side sees them stand open, and nothing is answered any more. */
  cut(): void;
  /** Connections stand open on both sides, and no byte gets through any more; neither do new ones. */
  blackhole(): void;
  /** Nobody listens any more: connections are refused, and those that there are end. */
  refuse(): void;
  /** Breaks off each connection that there is, with a reset. */
  reset(): void;
  /** Each answer takes so much longer from now on. */
  delay(ms: number): void;
  /** Each connection is broken off once so many bytes have been answered on it. */
  breakAfter(bytes: number): void;
  /** Ends what the others began: spoiled connections end, and new ones are whole. */
  heal(): void;
  close(): Promise<void>;
}

interface Spoiling {
  isCut: boolean;
  isBlack: boolean;
  delayMs: number;
  breakAfterBytes: number;
}

const WHOLE: Spoiling = {
  isCut: false,
  isBlack: false,
  delayMs: 0,
  breakAfterBytes: Number.POSITIVE_INFINITY,
};

/** Starts one in front of the server at a port of 127.0.0.1. @param scheme of the url. */
export async function startProxy(port: number, scheme = 'redis'): Promise<Way> {
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  let now = { ...WHOLE };
  const server = createServer((socket) => {
    keep(near, socket);
    if (now.isCut || now.isBlack) return;
    const upstream = connect(port, '127.0.0.1');
    keep(far, upstream);
    socket.pipe(upstream);
    upstream.pipe(spoiled(socket, () => now)).pipe(socket, { end: false });
    upstream.on('close', () => !now.isCut && !now.isBlack && socket.destroy());
    socket.on('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const all = () => [...near, ...far];
  const end = () => {
    for (const socket of all()) socket.destroy();
  };
  return {
    url: `${scheme}://127.0.0.1:${address.port}`,
    port: address.port,
    cut() {
      now.isCut = true;
      for (const socket of far) socket.destroy();
    },
    blackhole() {
      now.isBlack = true;
      for (const socket of all()) socket.unpipe();
    },
    refuse() {
      server.close();
      end();
    },
    reset() {
      for (const socket of near) socket.resetAndDestroy();
    },
    delay(ms) {
      now.delayMs = ms;
    },
    breakAfter(bytes) {
      now.breakAfterBytes = bytes;
    },
    heal() {
      now = { ...WHOLE };
      end();
      if (!server.listening) server.listen(address.port, '127.0.0.1');
    },
    async close() {
      now = { ...WHOLE };
      end();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

/** What stands between the server's answers and `socket`. */
function spoiled(socket: Socket, now: () => Spoiling): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const { isBlack, delayMs, breakAfterBytes } = now();
      // Never done: what follows is held back as well.
      if (isBlack) return;
      const part = chunk.subarray(0, Math.max(0, breakAfterBytes - passed));
      passed += part.length;
      const pass = () => {
        this.push(part);
        if (part.length < chunk.length) setImmediate(() => socket.resetAndDestroy());
      };
      if (delayMs > 0) setTimeout(pass, delayMs).unref();
      else pass();
      done();
    },
    flush(done) {
      setTimeout(done, now().delayMs);
    },
  });
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => undefined);
}
