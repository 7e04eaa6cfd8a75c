/** `path=value`, as `--set` takes it. */
import { InputError } from '../../base/errors.js';

/** Path and value of each setting, in order; a path given again stands again. */
export function parseSettings(settings: readonly string[]): (readonly [path: string, value: string])[] {
  return settings.map((setting) => {
    const equals = setting.indexOf('=');
    if (equals < 1) throw new InputError(`--set: '${setting}' is not path=value, such as disk.size=4T`);
    return [setting.slice(0, equals).trim(), setting.slice(equals + 1)] as const;
  });
}
