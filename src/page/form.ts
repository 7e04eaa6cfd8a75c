/** The form: one control a parameter, empty where the default holds. */
import { html } from './dom.js';
import { type Field, fieldGroups } from './fields.js';
import type { Situation } from './situation.js';

export interface Form {
  /** What is set. */
  read(): Situation;
  write(situation: Situation): void;
  /** Says what is wrong at the field that it is about, if a message begins with one. */
  mark(message: string | null): void;
}

/** The budget that holds unless another is set, by its name and in numbers. */
const [BUDGET_NAME, BUDGET] = ['qemu', '300ms'];

interface Control {
  readonly path: string;
  readonly input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
  show(text: string): void;
}

const idOf = (path: string): string => `f-${path.replace(/\./g, '-')}`;

function defaultText({ parameter }: Field): string {
  return parameter.default === undefined ? 'as the preset has it' : `default: ${parameter.default}`;
}

function select({ parameter, choices = [] }: Field, id: string): HTMLSelectElement {
  const standard = parameter.default === undefined ? 'as it is' : `${parameter.default} (default)`;
  const names = choices.filter((each) => each !== String(parameter.default));
  return html(
    'select',
    { id, name: parameter.path, 'aria-describedby': `${id}-help` },
    html('option', { value: '' }, standard),
    ...names.map((each) => html('option', { value: each }, each)),
  );
}

function textInput(field: Field, id: string): HTMLInputElement {
  return html('input', {
    id,
    name: field.parameter.path,
    type: 'text',
    placeholder: defaultText(field),
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': `${id}-help`,
  });
}

function linesInput({ parameter }: Field, id: string): HTMLTextAreaElement {
  return html('textarea', {
    id,
    name: parameter.path,
    rows: 3,
    placeholder: '4T:bitmaps=3,granularity=16k\n500G:storage=nvme-plp',
    spellcheck: 'false',
    'aria-describedby': `${id}-help`,
  });
}

/** A slider beside the text, which has the last word. */
function slider({ parameter, label, steps = [] }: Field, input: HTMLInputElement): HTMLInputElement {
  const range = html('input', {
    type: 'range',
    min: 0,
    max: steps.length - 1,
    step: 1,
    'aria-label': `${label}, slider`,
  });
  const standard = String(parameter.default === BUDGET_NAME ? BUDGET : (parameter.default ?? ''));
  const place = (): void => {
    const text = input.value === '' ? standard : input.value;
    const at = steps.indexOf(text);
    if (at >= 0 || text === '') range.value = String(Math.max(0, at));
    range.classList.toggle('unset', at < 0);
    range.setAttribute('aria-valuetext', text === '' ? defaultText({ parameter, label }) : text);
  };
  range.addEventListener('input', () => {
    input.value = steps[Number(range.value)]!;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  input.addEventListener('input', place);
  place();
  return range;
}

function control(field: Field): { readonly row: HTMLElement; readonly control: Control } {
  const { parameter, label, choices, steps, lines } = field;
  const { path, help } = parameter;
  const id = idOf(path);
  const input = lines ? linesInput(field, id) : choices ? select(field, id) : textInput(field, id);
  const range = steps && input instanceof HTMLInputElement ? slider(field, input) : null;
  const show = (text: string): void => {
    const isOther =
      input instanceof HTMLSelectElement && ![...input.options].some(({ value }) => value === text);
    // A link may name what no list has, as `link=5Gbit/s`.
    if (isOther) input.append(html('option', { value: text }, text));
    input.value = text;
    if (range) input.dispatchEvent(new Event('input'));
  };
  const row = html(
    'div',
    { class: 'field' },
    html('label', { for: id }, label),
    input,
    range,
    html('p', { id: `${id}-help`, class: 'help' }, help),
  );
  return { row, control: { path, input, show } };
}

/** Fills the form; `changed` is called after every change of a user. */
export function makeForm(place: HTMLElement, changed: () => void): Form {
  const controls: Control[] = [];
  // Where the answer stands below the form, the form is to be short.
  const isNarrow = matchMedia('(max-width: 60rem)').matches;
  for (const [i, { title, open, fields }] of fieldGroups().entries()) {
    const rows = fields.map((field) => {
      const made = control(field);
      controls.push(made.control);
      return made.row;
    });
    place.append(
      html('details', { open: open && (i === 0 || !isNarrow) }, html('summary', {}, title), ...rows),
    );
  }
  place.addEventListener('input', changed);
  place.addEventListener('submit', (event) => event.preventDefault());
  return {
    read: () =>
      Object.fromEntries(
        controls.flatMap(({ path, input }) =>
          input.value.trim() === '' ? [] : [[path, input.value.trim()]],
        ),
      ),
    write: (situation) => {
      for (const { path, show } of controls) show(situation[path] ?? '');
    },
    mark: (message) => {
      for (const { path, input } of controls) {
        const isMeant = message?.replace(/^disks\.[\w.-]*/, 'disks').startsWith(`${path}:`) ?? false;
        input.toggleAttribute('aria-invalid', isMeant);
        if (isMeant) input.setAttribute('aria-errormessage', 'error');
        else input.removeAttribute('aria-errormessage');
      }
    },
  };
}
