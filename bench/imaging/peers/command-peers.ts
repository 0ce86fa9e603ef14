import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peersFolder } from '../cache.ts';
import type { Task } from '../task.ts';
import { ffmpegWords, magickWords } from './commands.ts';
import type { Installer } from './peer.ts';
import { ask } from './program.ts';

/** The commands for every photograph, in a file for `command.py`. */
function writeCommands(
  task: string,
  name: string,
  words: (path: string, targets: Target[]) => string[],
): string {
  const { photographs } = JSON.parse(readFileSync(task, 'utf8')) as Task;
  const commands = Object.entries(photographs).map(([photo, { path, targets }]) => [
    photo,
    words(path, targets),
  ]);
  const file = task.replace(/\.json$/, `-${name}.json`);
  writeFileSync(file, JSON.stringify(Object.fromEntries(commands)));
  return file;
}
type Target = Task['photographs'][string]['targets'][number];

const runner = join(peersFolder, 'command.py');

const ffmpeg: Installer = {
  name: 'ffmpeg',
  async install() {
    const version = /version (\S+)/.exec(await ask('ffmpeg', ['-version']))?.[1] ?? '';
    await ask('python3', ['--version']);
    return {
      name: 'ffmpeg',
      label: 'ffmpeg, a process an image: half-size decode, a cascade',
      version: `ffmpeg ${version}`,
      every: 2,
      command: ({ task }) => ({
        command: 'python3',
        args: [runner, writeCommands(task, 'ffmpeg', ffmpegWords)],
      }),
    };
  },
};

const imageMagick: Installer = {
  name: 'ImageMagick',
  async install() {
    const program = await firstOf(['magick', '/usr/bin/convert', 'convert']);
    const version = /ImageMagick (\S+)/.exec(await ask(program, ['-version']))?.[1] ?? '';
    await ask('python3', ['--version']);
    return {
      name: 'imagemagick',
      label: 'ImageMagick, a process an image: nearest scale, a cascade',
      version: `ImageMagick ${version}`,
      every: 2,
      command: ({ task }) => ({
        command: 'python3',
        args: [
          runner,
          writeCommands(task, 'imagemagick', (path, targets) => magickWords(program, path, targets)),
        ],
      }),
    };
  },
};

/** ImageMagick 7 is `magick`, 6 is `convert`. */
async function firstOf(programs: readonly string[]): Promise<string> {
  for (const program of programs) if (await ask(program, ['-version']).catch(() => undefined)) return program;
  throw new Error('ImageMagick is not installed');
}

export const commandPeers: readonly Installer[] = [ffmpeg, imageMagick];
