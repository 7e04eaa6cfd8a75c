/** `--with qemu=10.0,bitmaps=7`: an alternative, by what it sets otherwise. */
import { InputError } from '../../base/errors.js';
import { PARAMETERS, parameterAt } from '../../input/parameters.js';
import { didYouMean } from '../../input/values/suggest.js';

export interface With {
  /** As it was given. */
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A comma before a name and `=` begins the next setting; any other belongs to the value. */
const NEXT = /,(?=[a-z][\w.-]*=)/i;

/** The settings by path; flags' names are as good. */
export function parseWith(text: string): With {
  const settings = text.split(NEXT).map((setting) => {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/s.exec(setting) ?? [];
    if (name === '') throw new InputError(`--with: '${setting}' is not path=value, such as qemu=10.0`);
    const parameter = PARAMETERS.find(({ flag }) => flag === name.trim()) ?? parameterAt(name.trim());
    if (parameter) return [parameter.path, value] as const;
    const names = PARAMETERS.flatMap(({ flag, path }) => [flag ?? path, path]);
    throw new InputError(
      `--with: unknown parameter '${name}'${didYouMean(name, names)} (see stopgap list parameters)`,
    );
  });
  return { name: text, settings: Object.fromEntries(settings) };
}
