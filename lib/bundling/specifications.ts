import { type Catalogue, catalogue, type FunctionName } from '../catalogue/catalogue.ts';
import { eachFunction } from '../catalogue/select.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/** A function with the sizes of one configuration, for AWS and the local runner. */
export interface FunctionSpecification {
  name: string;
  /** Entry points relative to the project's root, bundled to `<key>.mjs`; `index` exports `handler`. */
  entries: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMb: number;
  /** Reserved concurrency; absent if nothing needs a cap. */
  maxConcurrency?: number;
  /** Native packages that are copied next to the bundle. */
  nativePackages: readonly string[];
}

/** All functions of a deployment with this configuration. */
export function functionSpecifications(
  config: ResolvedConfig,
  functions: Catalogue = catalogue,
): Record<FunctionName, FunctionSpecification> {
  return eachFunction(functions, (name, { entries, nativePackages, ...sizes }) => {
    const maxConcurrency = sizes.maxConcurrency(config);
    return {
      name,
      entries,
      timeoutSeconds: sizes.timeoutSeconds(config),
      memoryMb: sizes.memoryMb(config),
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
      nativePackages,
    };
  });
}
