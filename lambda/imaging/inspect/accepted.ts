import { Rejection } from '../../domain/failure.ts';
import { acceptedInputs, type InputType } from '../../domain/inputs.ts';
import type { Settings } from '../../domain/settings.ts';
import { blockedInputs } from '../codecs.ts';
import { type Decodable, decodable, fileType } from './file-type.ts';

type Switches = Settings['inputs'];

/**
 * The type of a file by its first bytes, if accepted.
 * @throws Rejection unsupported_type that names the type found and those accepted
 */
export function acceptedType(bytes: Uint8Array, inputs: Switches, blocked = blockedInputs): Decodable {
  const detected = fileType(bytes);
  if (detected.type === undefined) throw unsupported(`The file is ${detected.found}`, inputs, { blocked });
  const { name } = decodable[detected.type];
  if (!acceptedInputs(inputs).includes(detected.type))
    throw unsupported(`The file is ${name}`, inputs, { blocked });
  if (blocked.includes(detected.type))
    throw unsupported(`The file is ${name}, which is switched off for now`, inputs, { blocked });
  return detected.type;
}

/** @param what an unfinished sentence, shown to the tenant */
export function unsupported(
  what: string,
  inputs: Switches,
  { blocked = blockedInputs, cause }: { blocked?: readonly InputType[]; cause?: unknown } = {},
): Rejection {
  const accepted = acceptedInputs(inputs)
    .filter((type) => !blocked.includes(type))
    .map((type) => decodable[type].name);
  const rest = accepted.length === 0 ? 'None is accepted for now.' : `Accepted are ${accepted.join(', ')}.`;
  return new Rejection('unsupported_type', `${what}. ${rest}`, { cause });
}
