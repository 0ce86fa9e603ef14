import type { Output, Target } from '../task.ts';

/* The two peers that are programs: one process makes all files of a photograph. */

/** ffmpeg: decodes at half the size (`lowres`), scales in a cascade. */
export function ffmpegWords(path: string, targets: readonly Target[]): string[] {
  const marks = targets.flatMap(({ mark }) => (mark === undefined ? [] : [mark]));
  const filters: string[] = [];
  const files: string[] = [];
  let source = '0:v';
  let input = 0;
  for (const { preset, width, height, mark, outputs } of targets) {
    filters.push(`[${source}]scale=${width}:${height}:flags=lanczos,split=2[${preset}][${preset}-next]`);
    const frame =
      mark === undefined ? `[${preset}]` : `[${preset}][${++input}:v]overlay=${mark.left}:${mark.top},`;
    const pads = outputs.map(({ format }) => `[${preset}-${format}]`);
    filters.push(`${frame}split=${outputs.length}${pads.join('')}`);
    for (const [at, output] of outputs.entries())
      files.push('-map', pads[at] as string, ...ffmpegEncoder(output), `{out}/${preset}.${output.format}`);
    source = `${preset}-next`;
  }
  filters.push(`[${source}]nullsink`);
  const raw = marks.flatMap(({ rgba, width, height }) => [
    ...['-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', `${width}x${height}`, '-i', rgba],
  ]);
  return [
    ...['ffmpeg', '-v', 'error', '-nostdin', '-y', '-threads', '1', '-filter_threads', '1'],
    ...['-lowres', '1', '-i', path, ...raw, '-filter_complex', filters.join(';'), ...files],
  ];
}

/**
 * The JPEG encoder is ffmpeg's own, whose scale falls from 31 to 1; 80 is its 4, which is near 80 of the others. libaom's
 * falls from 63 to 0. Its `cpu-used` of 8 is the fastest that ffmpeg passes on.
 */
function ffmpegEncoder({ format, quality }: Output): string[] {
  const one = ['-frames:v', '1', '-threads', '1'];
  switch (format) {
    case 'webp':
      return ['-c:v', 'libwebp', '-quality', `${quality}`, '-compression_level', '4', ...one];
    case 'jpeg':
      return ['-c:v', 'mjpeg', '-q:v', `${jpegScale(quality)}`, ...one, '-f', 'image2'];
    case 'avif': {
      const crf = Math.round(((100 - quality) * 63) / 100);
      const fast = ['-cpu-used', '8', '-usage', 'allintra', '-still-picture', '1'];
      return ['-c:v', 'libaom-av1', '-crf', `${crf}`, '-b:v', '0', ...fast, '-pix_fmt', 'yuv420p', ...one];
    }
    case 'png':
      return ['-c:v', 'png', '-compression_level', '1', ...one];
  }
}

/** 20 to 100 become 16 to 1, with 4 at 80; what lies below becomes 31 at 1. */
function jpegScale(quality: number): number {
  if (quality >= 80) return 4 - ((quality - 80) * 3) / 20;
  if (quality >= 20) return 16 - (quality - 20) / 5;
  return 31 - ((quality - 1) * 15) / 19;
}

/** ImageMagick: decodes at the nearest scale (`jpeg:size`), resizes in a cascade. */
export function magickWords(program: string, path: string, targets: readonly Target[]): string[] {
  const [largest] = targets;
  const size = `jpeg:size=${largest?.width}x${largest?.height}`;
  const words = [program, '-limit', 'thread', '1', '-define', size];
  words.push(path, '-strip', '-define', 'webp:method=4', '-filter', 'Lanczos');
  for (const { preset, width, height, mark, outputs } of targets) {
    words.push('-resize', `${width}x${height}!`, '(', '+clone');
    if (mark !== undefined) words.push(mark.png, '-geometry', `+${mark.left}+${mark.top}`, '-composite');
    // Of a PNG this is the effort and the filter.
    for (const { format, quality } of outputs)
      words.push('-quality', format === 'png' ? '15' : `${quality}`, '-write', `{out}/${preset}.${format}`);
    words.push('+delete', ')');
  }
  return [...words, 'null:'];
}
