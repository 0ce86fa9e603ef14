import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fingerprint, peersFolder, source } from '../cache.ts';
import type { Installer } from './peer.ts';
import { ask } from './program.ts';

const folder = join(cacheFolder, `npm-${fingerprint(source('../peers/package-lock.json'))}`);

/** The packages of `bench/peers`, in a folder of their own, outside the project's `npm ci`. */
function nodePeer(name: string, label: string, script: string, every: number): Installer {
  return {
    name,
    async install(say) {
      if (!existsSync(join(folder, 'ready'))) {
        say('Installing the peers in Node');
        rmSync(folder, { recursive: true, force: true });
        cpSync(peersFolder, folder, { recursive: true });
        await ask('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder);
        mkdirSync(join(folder, 'ready'));
      }
      // The scripts may be newer than the installation.
      cpSync(peersFolder, folder, { recursive: true });
      const manifest = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8');
      const { version } = JSON.parse(manifest) as { version: string };
      return {
        name: script,
        label,
        version: `${name} ${version}`,
        every,
        command: ({ task }) => ({ command: process.execPath, args: [join(folder, `${script}.mjs`), task] }),
      };
    },
  };
}

export const nodePeers: readonly Installer[] = [
  nodePeer('wasm-vips', 'wasm-vips: shrink on load, a cascade', 'wasm-vips', 2),
  nodePeer('@napi-rs/image', '@napi-rs/image: full decode, a cascade', 'napi-rs-image', 4),
  nodePeer('jimp', 'jimp: full decode, a cascade', 'jimp', 10),
];
