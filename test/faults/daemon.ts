import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CommandEnd, startCommand } from '../support/command.js';
import { waitFor } from '../support/wait.js';

/** A daemon in a process of its own. */
export interface DaemonProcess {
  /** What it has logged so far: the messages, in the order of their logging. */
  messages(): string[];
  /** Resolves once it has logged something that fits. */
  says(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** `/readyz`, as a load balancer asks for it. */
  readiness(): Promise<{ status: number; reasons: string[] }>;
  /** Posts an alert. @returns the status of the answer; 0: there was none. */
  alert(payload: object): Promise<number>;
  /** How much memory it takes up now, in megabytes. */
  residentMb(): number;
  signal(name: NodeJS.Signals): void;
  /** Ends it at once, as the kernel does when memory runs out. */
  kill(): Promise<CommandEnd>;
  ended(): Promise<CommandEnd>;
}

const UP = /Console, health and metrics: (\S+?)\. Webhook: (\S+?)\.$/;
const TOKEN = 'a-token-of-the-webhook';

const readyShape = z.object({ reasons: z.array(z.string()) });

/** Starts the built daemon. */
export function startDaemonProcess(configPath: string, env: Record<string, string>): DaemonProcess {
  const command = startCommand(['start', '--config', configPath], env);
  const messages = () => messagesIn(command.output());
  const says = async (pattern: RegExp, timeoutMs = 20_000) => {
    const what = () => `the daemon to say ${pattern}, which said:\n${messages().slice(-30).join('\n')}`;
    await waitFor(() => messages().some((message) => pattern.test(message)), { timeoutMs }).catch(() => {
      throw new Error(`Waited ${timeoutMs} ms in vain for ${what()}`);
    });
  };
  const addresses = async () => {
    await says(UP);
    const [, admin = '', webhook = ''] = UP.exec(messages().find((message) => UP.test(message)) ?? '') ?? [];
    return { admin, webhook };
  };
  return {
    messages,
    says,
    async readiness() {
      const answer = await fetch(`${(await addresses()).admin}/readyz`);
      return { status: answer.status, reasons: readyShape.parse(await answer.json()).reasons };
    },
    async alert(payload) {
      const { webhook } = await addresses();
      const answer = await fetch(`${webhook}/api/notify/connectwisermm?token=${TOKEN}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(payload),
      }).catch(() => null);
      return answer?.status ?? 0;
    },
    residentMb() {
      const pages = readFileSync(`/proc/${command.child.pid}/statm`, 'utf8').split(' ')[1];
      return Math.round((Number(pages) * 4096) / 2 ** 20);
    },
    signal: (name) => void command.child.kill(name),
    kill() {
      command.child.kill('SIGKILL');
      return command.end();
    },
    ended: () => command.end(),
  };
}

function messagesIn(output: string): string[] {
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      try {
        return z.object({ msg: z.string() }).parse(JSON.parse(line)).msg;
      } catch {
        return line;
      }
    });
}
