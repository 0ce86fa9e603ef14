import pLimit from 'p-limit';
import { Rejection, TransientFailure } from '../../domain/failure.ts';
import type { RenderRequest } from '../render-request.ts';
import type { RenderedImage } from '../rendered-image.ts';
import { expectationOf, type ResponseSettings } from './expectation.ts';
import { type SandboxFiles, SandboxLost, SandboxProcess } from './process.ts';
import type { RenderOutcome } from './protocol.ts';

export interface SandboxLaneOptions {
  /** The sandbox's script: `sandbox.mjs` in the function's folder. */
  entry: string;
  /** The folder that holds `settings.json` and `assets/`. */
  root: string;
  /** Other folders that it may read, where `root` does not hold all that it needs. Default none. */
  readable?: readonly string[];
  /** Defines the requests, and the bounds of the responses. */
  settings: ResponseSettings;
  /**
   * A sandbox whose resident size (bytes) exceeds this is killed. Default 1 GiB: 40 megapixels of AVIF take 800 MB, 64 of
   * progressive JPEG 480. Keep it below the memory of the function.
   */
  maxRssBytes?: number;
  /** A sandbox is replaced after this many images, so that leaks of a codec never add up. Default 200. */
  recycleAfter?: number;
  /** Whether a sandbox is replaced before it would read an image of another tenant. Default false. */
  perTenant?: boolean;
  /** Called for each sandbox that crashed, hung, did not start or was killed for exceeding a bound. */
  onDeath?: () => void;
}

export interface SandboxLane {
  /**
   * Makes the variants of an image. One image at a time; waiting for the others counts as time.
   * @param options.timeoutMs the time that the caller has left, in milliseconds
   * @throws Rejection the image is at fault: broken, too large, or lost the sandbox twice (`decoder_crashed`, also after
   *   twice its full `decodeTimeoutMs`)
   * @throws TransientFailure `decode_cut_off` when `timeoutMs` ended first, `out_of_time` when it ended before the turn
   *   came; `decoder_lost` when no sandbox starts or the lane was closed; `internal` when the sandbox failed and the image
   *   is not at fault
   */
  decode(work: RenderRequest, options: { timeoutMs: number }): Promise<RenderedImage>;
  /** The current sandbox, for monitoring. */
  readonly pid: number | undefined;
  /** Ends the sandbox; running and waiting decodes fail with `decoder_lost`. */
  close(): void;
}

/** Attempts of one image: the first, and one more after its sandbox was lost. */
const attempts = 2;

/** Opens the lane and starts its sandbox, which loads its codecs while the caller fetches. */
export function openSandboxLane(options: SandboxLaneOptions): SandboxLane {
  const { entry, root, readable = [], settings } = options;
  const { maxRssBytes = 1024 ** 3, recycleAfter = 200, perTenant = false, onDeath } = options;
  const files: SandboxFiles = { entry, root, readable, onDeath };
  const turn = pLimit(1);
  let closed = false;
  let sandbox = new SandboxProcess(files);
  let servedTenant: string | undefined;

  const freshSandbox = (tenant: string): SandboxProcess => {
    const isOthers = perTenant && sandbox.decodes > 0 && tenant !== servedTenant;
    if (sandbox.alive && (isOthers || sandbox.decodes >= recycleAfter)) sandbox.kill('closed');
    if (!sandbox.alive) sandbox = new SandboxProcess(files);
    servedTenant = tenant;
    return sandbox;
  };

  async function attempt(work: RenderRequest, deadline: number) {
    for (let tried = 1; ; tried++) {
      if (closed) throw new TransientFailure('decoder_lost', 'the lane is closed');
      if (performance.now() >= deadline)
        throw tried === 1
          ? new TransientFailure('out_of_time', 'no time was left to decode')
          : new TransientFailure('decode_cut_off', 'no time was left for another try');
      try {
        return await freshSandbox(work.tenant).decode(work, {
          timeoutMs: settings.limits.decodeTimeoutMs,
          deadline,
          maxRssBytes,
          expected: expectationOf(work, settings),
        });
      } catch (error) {
        if (!(error instanceof SandboxLost)) throw error;
        if (closed) throw new TransientFailure('decoder_lost', 'the lane was closed', { cause: error });
        // The deadline passed, even if a millisecond was left when the child ended.
        if (tried >= attempts || error.lost === 'deadline') throw lostForGood(error);
      }
    }
  }

  return {
    get pid() {
      return sandbox.pid;
    },
    decode(work, { timeoutMs }) {
      const deadline = performance.now() + timeoutMs;
      return turn(async () => decodedOf(await attempt(work, deadline)));
    },
    close() {
      closed = true;
      sandbox.kill('closed');
    },
  };
}

function lostForGood(error: SandboxLost): Rejection | TransientFailure {
  switch (error.lost) {
    case 'time':
      return new Rejection('decoder_crashed', 'The image took too long to decode.', { cause: error });
    case 'memory':
      return new Rejection('decoder_crashed', 'The image takes too much memory to decode.', { cause: error });
    case 'crash':
      return new Rejection('decoder_crashed', 'The decoder broke on this image.', { cause: error });
    case 'deadline':
      return new TransientFailure('decode_cut_off', 'the time ended while decoding', { cause: error });
    default:
      return new TransientFailure('decoder_lost', 'no decoder starts', { cause: error });
  }
}

function decodedOf(outcome: RenderOutcome<RenderedImage>): RenderedImage {
  switch (outcome.type) {
    case 'rendered':
      return outcome.image;
    case 'rejected':
      throw new Rejection(outcome.code, outcome.detail, { cause: new Error(outcome.reason) });
    case 'failed':
      throw new TransientFailure('internal', outcome.reason);
  }
}
