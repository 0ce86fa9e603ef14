import { grouped } from '../../../lib/chart/formats.ts';
import type { SpikeResult } from '../result.ts';

/** What a reader must know to judge the picture, a line each. */
export function captionOf({ at, machine, quick, plain, sluice }: SpikeResult): string[] {
  const reached = (rate: number | undefined) => grouped((rate ?? 0) * 60);
  return [
    `Recorded ${at.slice(0, 10)} on ${machine.cores} cores (${machine.processor}), Node ${machine.node}${quick ? ', a quick run' : ''}. Repeat it: npm run spike`,
    `Both: real Postgres, SQS and clients; 5 % duplicates, 1 % poison, a restart of Postgres. Reached a minute: ${reached(plain?.config.floodReached)} plain, ${reached(sluice?.config.floodReached)} Sluice.`,
    `Plain: AWS’s defaults, but batches of one; decode and storage wait ${grouped(plain?.config.waitMs ?? 0)} ms an image. Sluice: the deployed bundles and real decodes; the worker’s`,
    `storage waits for as long as a decode takes on Lambda, because ${sluice?.config.cap} do not fit on ${machine.cores} cores. Nothing of this was run on AWS. Details: docs/spike.md`,
  ];
}
