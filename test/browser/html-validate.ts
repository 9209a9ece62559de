/** Whether markup is as the HTML standard has it. The rules hold for every sample page, and for every page that a journey comes to. */
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard', 'html-validate:a11y'],
  rules: {
    // NHS.UK frontend's date input says role="group" on its fieldset, for screen readers that leave fieldsets out; and its tables that become
    // lists on phones say what they are, since browsers forget it of what is no longer laid out as a table.
    'no-redundant-role': [
      'error',
      { exclude: ['group', 'table', 'rowgroup', 'row', 'columnheader', 'cell'] },
    ],
  },
});

/** Pages are looked at more than once, on a phone and on a desktop, before and after something is chosen. */
const known = new Map<string, Promise<string[]>>();

/** What is wrong with a page's markup, in words, warnings included; empty when nothing is. */
export function markupFaults(html: string): Promise<string[]> {
  const faults = known.get(html) ?? validate(html);
  known.set(html, faults);
  return faults;
}

async function validate(html: string): Promise<string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) =>
    messages.map(
      ({ ruleId, message, line, selector }) => `${ruleId}: ${message} (line ${line}, ${selector})`,
    ),
  );
}
