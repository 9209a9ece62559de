/** Whether markup is as the HTML standard has it. The same rules hold in `npm test` and for every page that the browser tier visits. */
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard', 'html-validate:a11y'],
  rules: {
    // NHS.UK frontend's date input says role="group" on its fieldset, for screen readers that leave fieldsets out.
    'no-redundant-role': ['error', { exclude: ['group'] }],
  },
});

/** What is wrong with a page's markup, in words, warnings included; empty when nothing is. */
export async function markupFaults(html: string): Promise<string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) =>
    messages.map(
      ({ ruleId, message, line, selector }) => `${ruleId}: ${message} (line ${line}, ${selector})`,
    ),
  );
}
