import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fingerprint, peersFolder, source } from '../cache.ts';
import type { Installer } from './peer.ts';
import { ask } from './program.ts';

const folder = join(cacheFolder, `pillow-${fingerprint(source('../peers/requirements.txt'))}`);
const python = join(folder, 'bin/python');
const versions = `
from PIL import __version__, features
print("Pillow", __version__, "with libjpeg-turbo", features.version("libjpeg_turbo") + ", libwebp", features.version("webp"), "and libavif", features.version("avif"))`;

/** Pillow from PyPI in a virtual environment of its own. */
export const pillow: Installer = {
  name: 'Pillow',
  async install(say) {
    if (!existsSync(join(folder, 'ready'))) {
      say('Installing Pillow');
      rmSync(folder, { recursive: true, force: true });
      await ask('python3', ['-m', 'venv', folder]);
      const requirements = join(peersFolder, 'requirements.txt');
      await ask(python, ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '-r', requirements]);
      mkdirSync(join(folder, 'ready'));
    }
    return {
      name: 'pillow',
      label: 'Pillow, warm: draft and the same cascade',
      version: (await ask(python, ['-c', versions])).trim(),
      every: 1,
      command: ({ task }) => ({ command: python, args: [join(peersFolder, 'pillow.py'), task] }),
    };
  },
};
