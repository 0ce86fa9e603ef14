import { sandboxShare } from '../../lambda/domain/sandbox-share.ts';
import { RuleBroken } from './broken.ts';
import { type MemoryNeed, memoryNeeds, type Rendering, workerBytes } from './sandbox-memory.ts';
import { decodeSeconds, timeNeeds } from './sandbox-time.ts';

/** The largest image within the limits needs more memory or time than the sandbox has. */
export class SandboxTooSmall extends RuleBroken {
  override readonly name = 'SandboxTooSmall';
}

export interface SandboxFacts extends Rendering {
  process: { memoryMb: number; jobsInFlight: number };
}

/** Lambda's largest memory, in MB. */
const mostMemoryMb = 10_240;
const megabytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2);

/**
 * Images within the limits and presets that the sandbox cannot render: it would be killed for memory or time, and the
 * image blamed. Reports each oversized preset by its most expensive image.
 */
export function sandboxMistakes(facts: SandboxFacts): SandboxTooSmall[] {
  return [...memoryMistakes(facts), ...workerMistakes(facts), ...timeMistakes(facts)];
}

function memoryMistakes(facts: SandboxFacts): SandboxTooSmall[] {
  const has = sandboxShare * facts.process.memoryMb;
  const worst = new Map<string, MemoryNeed>();
  for (const need of memoryNeeds(facts)) {
    const path = need.preset === undefined ? maxPixelsOf(need) : `presets.${need.preset.name}`;
    if (megabytes(need.bytes) > has && need.bytes > (worst.get(path)?.bytes ?? 0)) worst.set(path, need);
  }
  return [...worst].map(
    ([path, need]) =>
      new SandboxTooSmall(
        path,
        `${taskOf(need)} can take ${megabytes(need.bytes)} MB, but the decoder has ${Math.floor(has)} MB ` +
          `(${sandboxShare} of process.memoryMb ${facts.process.memoryMb}). ${remedyOf(need)}` +
          raised(Math.ceil(megabytes(need.bytes) / sandboxShare)),
      ),
  );
}

function taskOf({ type, pixels, preset }: MemoryNeed): string {
  if (preset === undefined) return `To read ${pixels} pixels of ${type}`;
  if (preset.moving) return `An animation of ${pixels} pixels in all frames (limits.maxFramePixels)`;
  const made = `${Math.round(preset.pixels)} pixels of ${preset.format}`;
  return `${made}, made of ${pixels} of ${type} (${maxPixelsOf({ type })}),`;
}

function remedyOf({ type, preset }: MemoryNeed): string {
  if (preset === undefined) return 'Lower it';
  if (preset.moving) return 'Lower limits.maxFramePixels, or set animation: "first"';
  return `Lower width or height, or ${maxPixelsOf({ type })}`;
}

function workerMistakes(facts: SandboxFacts): SandboxTooSmall[] {
  const { jobsInFlight, memoryMb } = facts.process;
  const needs = megabytes(workerBytes(facts));
  const share = 1 - sandboxShare;
  if (needs <= share * memoryMb) return [];
  const parts = `${jobsInFlight} (process.jobsInFlight) × ${megabytes(facts.limits.maxBytes)} MB (limits.maxBytes)`;
  return [
    new SandboxTooSmall(
      'process.memoryMb',
      `The worker holds up to ${needs} MB: itself 100, originals ${parts}, and the variants of two images; it has ` +
        `${Math.floor(share * memoryMb)} MB (what the decoder leaves of ${memoryMb}). Lower process.jobsInFlight, ` +
        `limits.maxBytes or limits.maxFramePixels${raised(Math.ceil(needs / share))}`,
    ),
  ];
}

function timeMistakes({ process, ...facts }: SandboxFacts): SandboxTooSmall[] {
  const has = decodeSeconds(facts.limits, process.memoryMb);
  const { seconds, type, preset } = timeNeeds(facts).reduce((most, one) =>
    one.seconds > most.seconds ? one : most,
  );
  if (seconds <= has) return [];
  return [
    new SandboxTooSmall(
      `presets.${preset.name}`,
      `One ${type} can take ${seconds.toFixed(1)} s of a processor in all presets, ${preset.seconds.toFixed(1)} s of it ` +
        `in this one, but it has ${has.toFixed(1)} s (limits.decodeTimeoutMs ${facts.limits.decodeTimeoutMs}; of a ` +
        `processor, process.memoryMb ${process.memoryMb} / 1769, at most 1). Lower width, height, effort or what the ` +
        'limits let through, or raise limits.decodeTimeoutMs.',
    ),
  ];
}

function maxPixelsOf({ type }: Pick<MemoryNeed, 'type'>): string {
  return type === 'jpeg' ? 'limits.maxPixelsJpeg' : 'limits.maxPixels';
}

function raised(memoryMb: number): string {
  return memoryMb > mostMemoryMb ? '.' : `, or raise process.memoryMb to ${memoryMb}.`;
}
