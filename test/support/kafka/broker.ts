import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { freeze } from '../freeze.ts';
import { patience } from '../pace.ts';
import { freePorts } from '../ports.ts';
import { brokerClasspath } from './jars.ts';
import { brokerProperties, type Login, type SecureListener } from './properties.ts';

/** A running broker. Topics are made by `createTopic` only. */
export interface Broker {
  /** Address without TLS and login, as host:port. */
  address: string;
  /** Address with TLS and SASL, if `secure` was given. */
  secureAddress: string;
  createTopic(name: string, partitions: number, settings?: Readonly<Record<string, string>>): Promise<void>;
  /** Stops the process for a while (SIGSTOP), as a broker that hangs; `resume` ends it. Then it answers nothing. */
  freeze(): Promise<void>;
  resume(): void;
  /** Kills the broker and starts it again on the same ports and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const java = [
  '-Xmx256m',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];
const clusterId = 'c2x1aWNlLWZvci10ZXN0cw';

/** Starts Apache Kafka in KRaft mode in a folder of its own: ready in about 5 s on two quiet cores, 350 MB. */
export async function startBroker(
  options: { secure?: SecureListener; logins?: readonly Login[] } = {},
): Promise<Broker> {
  const classpath = await brokerClasspath();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-kafka-'));
  const [port = 0, controllerPort = 0, securePort = 0] = await freePorts(3);
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, brokerProperties({ folder, port, controllerPort, securePort, ...options }));
  const address = `127.0.0.1:${port}`;
  let broker: ChildProcess | undefined;

  async function program(main: string, ...args: string[]): Promise<void> {
    const child = spawn('java', [...java, '-cp', classpath, main, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-4_000);
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${main} failed: ${complaint}`);
  }

  async function start(): Promise<void> {
    // A group of its own, so that `stop` ends all of it.
    const child = spawn('java', [...java, '-cp', classpath, 'kafka.Kafka', properties], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    broker = child;
    process.once('exit', () => child.kill('SIGKILL'));
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-4_000);
    });
    const deadline = Date.now() + patience(60_000);
    while (!(await answers(address))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`The Kafka broker did not start: ${complaint}`);
      await sleep(100);
    }
  }

  async function kill(): Promise<void> {
    if (broker?.pid === undefined || broker.exitCode !== null || broker.signalCode !== null) return;
    const ended = once(broker, 'exit');
    process.kill(-broker.pid, 'SIGKILL');
    await ended;
  }

  try {
    const users = (options.logins ?? []).flatMap(({ username, password }) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${username},password=${password}]`,
    ]);
    await program('kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties, ...users);
    await start();
  } catch (error) {
    await kill();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    address,
    secureAddress: `localhost:${securePort}`,
    async createTopic(name, partitions, settings = {}) {
      const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
      await withAdmin(address, (admin) =>
        admin.createTopics({ topics: [name], partitions, replicas: 1, configs }),
      );
    },
    freeze: () => freeze(broker?.pid),
    resume: () => void broker?.kill('SIGCONT'),
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(address: string): Promise<boolean> {
  try {
    await withAdmin(address, (admin) => admin.listTopics());
    return true;
  } catch {
    return false;
  }
}

async function withAdmin<Result>(address: string, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = new Admin({
    clientId: 'tests',
    bootstrapBrokers: [address],
    retries: 0,
    timeout: patience(5_000),
  });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
