/** What is shown again of a form that was not taken: what people typed, and none of what the form carries. */
import { parse } from 'node-html-parser';
import { expect, it } from 'vitest';
import { isCarried } from '../../../functions/shared/pages/unsent.ts';
import { samplePages } from './samples.ts';

it('has of every form of people who are signed in each field that is hidden, and none that is only ever seen', () => {
  const [hidden, visible] = [new Set<string>(), new Set<string>()];
  for (const [name, answer] of Object.entries(samplePages())) {
    const document = parse(answer().body ?? '');
    if (name.startsWith('unsent') || !document.querySelector('.nhsuk-header__account')) continue;
    for (const field of document.querySelectorAll('main [name]')) {
      const isButton = field.tagName === 'BUTTON';
      if (isButton && field.closest('form')?.getAttribute('method') !== 'post') continue;
      const isHidden = field.getAttribute('type') === 'hidden' || isButton;
      (isHidden ? hidden : visible).add(field.getAttribute('name') ?? '');
    }
  }
  expect(hidden.size).toBeGreaterThan(8);
  // Hidden on one page and seen on another: shown, for it may be typed.
  const only = [...hidden].filter((name) => !visible.has(name));
  expect(only.filter((name) => !isCarried(name))).toEqual([]);
  const choices = ['from', 'to', 'declineReason'];
  expect([...visible].filter((name) => isCarried(name) && !choices.includes(name))).toEqual([]);
});
