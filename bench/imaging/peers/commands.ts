import type { Target } from '../task.ts';

/* The two peers that are programs: one process makes all six files of a photograph. */

/** ffmpeg: decodes at half the size (`lowres`), scales in a cascade. Its JPEG encoder is its own; `q:v 4` is near 80. */
export function ffmpegWords(path: string, targets: readonly Target[]): string[] {
  const marks = targets.flatMap(({ mark }) => (mark === undefined ? [] : [mark]));
  const filters: string[] = [];
  const outputs: string[] = [];
  let source = '0:v';
  let input = 0;
  for (const { preset, width, height, mark } of targets) {
    filters.push(`[${source}]scale=${width}:${height}:flags=lanczos,split=2[${preset}][${preset}-next]`);
    const frame =
      mark === undefined ? `[${preset}]` : `[${preset}][${++input}:v]overlay=${mark.left}:${mark.top},`;
    filters.push(`${frame}split=2[${preset}-webp][${preset}-jpeg]`);
    outputs.push('-map', `[${preset}-webp]`, '-c:v', 'libwebp', '-quality', '80', '-compression_level', '4');
    outputs.push('-frames:v', '1', `{out}/${preset}.webp`);
    outputs.push('-map', `[${preset}-jpeg]`, '-q:v', '4', '-frames:v', '1', `{out}/${preset}.jpeg`);
    source = `${preset}-next`;
  }
  filters.push(`[${source}]nullsink`);
  const raw = marks.flatMap(({ rgba, width, height }) => [
    ...['-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', `${width}x${height}`, '-i', rgba],
  ]);
  return [
    ...['ffmpeg', '-v', 'error', '-nostdin', '-y', '-threads', '1', '-filter_threads', '1'],
    ...['-lowres', '1', '-i', path, ...raw, '-filter_complex', filters.join(';'), ...outputs],
  ];
}

/** ImageMagick: decodes at the nearest scale (`jpeg:size`), resizes in a cascade. */
export function magickWords(program: string, path: string, targets: readonly Target[]): string[] {
  const [largest] = targets;
  const words = [
    program,
    '-limit',
    'thread',
    '1',
    '-define',
    `jpeg:size=${largest?.width}x${largest?.height}`,
  ];
  words.push(path, '-strip', '-quality', '80', '-define', 'webp:method=4', '-filter', 'Lanczos');
  for (const { preset, width, height, mark } of targets) {
    words.push('-resize', `${width}x${height}!`, '(', '+clone');
    if (mark !== undefined) words.push(mark.png, '-geometry', `+${mark.left}+${mark.top}`, '-composite');
    words.push('-write', `{out}/${preset}.webp`, '-write', `{out}/${preset}.jpeg`, '+delete', ')');
  }
  return [...words, 'null:'];
}
